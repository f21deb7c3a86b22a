"""The directory that DummyJSON's calls show. Everybody in it is invented, and no mail reaches them.

A person has DummyJSON's keys, but for those that no API should hand out: password, bank account, tax and
social security number, wallet, addresses of their machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

_BLOOD = ("A+", "A-", "B+", "B-", "AB+", "AB-", "O+", "O-")
_EYES = ("Brown", "Green", "Blue", "Hazel", "Gray")
_HAIR = ("Black", "Brown", "Blonde", "Red", "Gray")
_CURLS = ("Straight", "Wavy", "Curly", "Kinky")
_COLOURS = ("#33508a", "#7a3b69", "#1f6f5c", "#8a4b2a")
_PLACES = (
    ("Vienna", "Austria", 48.2082, 16.3738),
    ("Hamburg", "Germany", 53.5511, 9.9937),
    ("Porto", "Portugal", 41.1579, -8.6291),
    ("Dublin", "Ireland", 53.3498, -6.2603),
    ("Lyon", "France", 45.764, 4.8357),
)
_STAFF = (
    ("Emily", "Sample", "female", "1996-05-30", "Engineering", "Head of Engineering", "admin"),
    ("Michael", "Draft", "male", "1989-08-10", "Support", "Support Manager", "admin"),
    ("Sophia", "Pattern", "female", "1982-11-06", "Research and Development", "Research Analyst", "admin"),
    ("James", "Default", "male", "1979-05-04", "Support", "Support Engineer", "admin"),
    ("Emma", "Mockup", "female", "1994-06-13", "Human Resources", "Head of Human Resources", "admin"),
    ("Olivia", "Example", "female", "2001-04-20", "Marketing", "Copywriter", "moderator"),
    ("Alexander", "Template", "male", "1986-10-20", "Engineering", "Software Engineer", "moderator"),
    ("Ava", "Fixture", "female", "1997-08-25", "Engineering", "Test Engineer", "moderator"),
    ("Ethan", "Specimen", "male", "1991-02-12", "Product Management", "Product Manager", "moderator"),
    ("Isabella", "Placeholder", "female", "1992-06-10", "Marketing", "Head of Marketing", "moderator"),
    ("Liam", "Prototype", "male", "1995-06-03", "Sales", "Account Manager", "user"),
    ("Mia", "Stand-In", "female", "1999-08-03", "Sales", "Account Manager", "user"),
    ("Noah", "Proof", "male", "1984-02-05", "Sales", "Head of Sales", "user"),
    ("Charlotte", "Trial", "female", "1988-01-19", "Finance", "Accountant", "user"),
    ("William", "Sketch", "male", "1993-12-01", "Engineering", "Software Engineer", "user"),
    ("Avery", "Stub", "female", "1990-03-24", "Finance", "Head of Finance", "user"),
    ("Evelyn", "Outline", "female", "1987-07-17", "Legal", "Counsel", "user"),
    ("Logan", "Blank", "male", "1998-09-28", "Services", "Facility Manager", "user"),
    ("Abigail", "Copy", "female", "1985-11-11", "Human Resources", "Recruiter", "user"),
    ("Jackson", "Replica", "male", "2000-02-29", "Support", "Support Engineer", "user"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody in the directory. `username` is the first name and the first letter of the last."""

    id: int
    username: str
    first_name: str
    last_name: str
    gender: str
    born: date
    department: str
    title: str
    role: str

    @property
    def email(self) -> str:
        """An address that reaches nobody."""
        return f"{self.first_name}.{self.last_name}@example.com".lower()

    def fields(self, today: date) -> dict[str, object]:
        """The person as DummyJSON shows one, at the age of today."""
        street = f"{100 + self.id} Example Street"
        city, country, latitude, longitude = _PLACES[self.id % len(_PLACES)]
        place = {
            "address": street,
            "city": city,
            "state": "",
            "stateCode": "",
            "postalCode": f"{10_000 + 37 * self.id}",
            "coordinates": {"lat": latitude, "lng": longitude},
            "country": country,
        }
        return {
            "id": self.id,
            "firstName": self.first_name,
            "lastName": self.last_name,
            "maidenName": "",
            "age": _years(self.born, today),
            "gender": self.gender,
            "email": self.email,
            "phone": f"+43 1 555 {self.id:04}",
            "username": self.username,
            "birthDate": f"{self.born.year}-{self.born.month}-{self.born.day}",
            "image": portrait(self.first_name, self.last_name),
            "bloodGroup": _BLOOD[self.id % len(_BLOOD)],
            "height": 155.0 + 2.5 * (self.id * 7 % 16),
            "weight": 52.0 + 2.5 * (self.id * 5 % 16),
            "eyeColor": _EYES[self.id * 3 % len(_EYES)],
            "hair": {"color": _HAIR[self.id * 2 % len(_HAIR)], "type": _CURLS[self.id % len(_CURLS)]},
            "address": place,
            "university": f"University of {city}",
            "company": {
                "department": self.department,
                "name": "Example Works",
                "title": self.title,
                "address": {**place, "address": "1 Example Square"},
            },
            "role": self.role,
        }


def portrait(first_name: str, last_name: str) -> str:
    """A picture of the initials, whole in its address: nothing is fetched from anywhere."""
    initials = (first_name[:1] + last_name[:1]).upper()
    initials = initials if initials.isalnum() else "?"
    colour = _COLOURS[sum(map(ord, first_name)) % len(_COLOURS)]
    drawn = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<rect width="64" height="64" fill="{colour}"/>'
        '<text x="32" y="42" font-family="sans-serif" font-size="28" text-anchor="middle" fill="#fff">'
        f"{initials}</text></svg>"
    )
    return f"data:image/svg+xml,{quote(drawn)}"


def added(body: Mapping[str, object]) -> dict[str, object]:
    """The person that `/users/add` shows and nobody keeps: the known keys, empty where none was sent."""
    empty = PEOPLE[0].fields(PEOPLE[0].born)
    shown = {key: body.get(key, _blank(value)) for key, value in empty.items()}
    return shown | {"id": len(PEOPLE) + 1, "age": body.get("age"), "role": body.get("role", "user")}


def _blank(value: object) -> object:
    match value:
        case dict():
            return {key: _blank(inner) for key, inner in value.items()}
        case int() | float():
            return None
        case _:
            return ""


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


PEOPLE = tuple(
    Person(
        id=number,
        username=f"{first}{last[0]}".lower(),
        first_name=first,
        last_name=last,
        gender=gender,
        born=date.fromisoformat(born),
        department=department,
        title=title,
        role=role,
    )
    for number, (first, last, gender, born, department, title, role) in enumerate(_STAFF, 1)
)
