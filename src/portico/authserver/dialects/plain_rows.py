"""What a token of the plain API opens: rows of an HR portal and of a CRM. Everybody in them is invented."""

_STAFF = (
    ("Ada Example", "Engineering", "Head of Engineering", "2016-04-01"),
    ("Ben Sample", "Engineering", "Software Engineer", "2019-09-16"),
    ("Cleo Specimen", "Engineering", "Software Engineer", "2022-01-10"),
    ("Dan Placeholder", "Engineering", "Test Engineer", "2023-06-05"),
    ("Eve Template", "Finance", "Head of Finance", "2015-11-02"),
    ("Finn Draft", "Finance", "Accountant", "2020-03-23"),
    ("Gina Pattern", "People", "Head of People", "2017-07-17"),
    ("Hugo Default", "People", "Recruiter", "2021-10-04"),
    ("Iris Mockup", "Sales", "Head of Sales", "2018-02-12"),
    ("Jon Fixture", "Sales", "Account Manager", "2019-05-27"),
    ("Kim Prototype", "Sales", "Account Manager", "2024-08-19"),
    ("Leo Stand-In", "Support", "Support Engineer", "2020-12-01"),
)
_BUSINESS = (
    ("Example Bakery", "Nora Example", "Vienna", 4_200, "won"),
    ("Sample Shipping", "Otto Sample", "Hamburg", 87_500, "negotiation"),
    ("Specimen Labs", "Pia Specimen", "Basel", 132_000, "proposal"),
    ("Placeholder Press", "Quinn Placeholder", "Dublin", 18_900, "lead"),
    ("Template Tailors", "Rosa Template", "Milan", 9_750, "won"),
    ("Draft Breweries", "Sam Draft", "Ghent", 41_300, "proposal"),
    ("Pattern Textiles", "Tess Pattern", "Porto", 63_000, "negotiation"),
    ("Default Logistics", "Uma Default", "Rotterdam", 150_000, "lost"),
    ("Mockup Furniture", "Vic Mockup", "Malmö", 27_400, "lead"),
    ("Fixture Lighting", "Wes Fixture", "Lyon", 35_600, "won"),
    ("Prototype Robotics", "Xenia Prototype", "Brno", 210_000, "proposal"),
    ("Stand-In Theatre", "Yan Stand-In", "Leeds", 5_100, "lost"),
)

EMPLOYEES = [
    {
        "id": number,
        "name": name,
        "department": department,
        "title": title,
        "email": f"{name.lower().replace(' ', '.')}@example.com",
        "since": since,
    }
    for number, (name, department, title, since) in enumerate(_STAFF, 1)
]
CUSTOMERS = [
    {"id": number, "company": company, "contact": contact, "city": city, "value": value, "stage": stage}
    for number, (company, contact, city, value, stage) in enumerate(_BUSINESS, 1)
]
