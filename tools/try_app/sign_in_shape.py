"""What a file can say of the sign-in of an app that is tried."""

from portico.definition.dialect_shapes import IMITATION
from portico.definition.shapes import TEXT, WORD, Key, Shape, each, either, one_of
from portico.definition.shapes import table as named

#: What can be started, and thrown away.
DATABASES = ("postgresql", "mariadb", "sqlite")

_STEPS = each({"anyOf": [{"type": "string"}, {"type": "object"}]})
_SEEN = either(TEXT, each(TEXT), named(TEXT))

PASSWORD = Shape(
    "`password`",
    {
        "field": Key(schema=WORD, help="The field that it is typed into.", required=True),
        "right": Key(schema=WORD, help="The one of the account.", required=True),
        "wrong": Key(schema=WORD, help="One that has to be refused.", required=True),
    },
)
ACCOUNT = Shape(
    "`account`",
    {
        "username": Key(schema=WORD, help="Its user name.", required=True),
        "email": Key(schema=WORD, help="Its e-mail address.", required=True),
        "role": Key(schema=WORD, help="Its role, where the API says one."),
    },
)
DATABASE = Shape(
    "`database`",
    {
        "kind": Key(schema=one_of(DATABASES), help="What is started; `sqlite` is a file.", required=True),
        "setup": Key(schema=WORD, help="Statements that make the tables and the rows.", required=True),
    },
)
SIGN_IN = Shape(
    "a file of a sign-in",
    {
        "page": Key(schema=WORD, help="The page that users sign in on.", required=True),
        "protected": Key(schema=WORD, help="A page for signed-in users.", required=True),
        "home": Key(schema=WORD, help="Where the sign-in leads; `protected` unless it is said."),
        "before": Key(schema=_STEPS, help="Steps of a journey from the opened page to the form."),
        "fill": Key(schema=named(TEXT), help="What is typed into other fields than the password's."),
        "password": Key(schema=PASSWORD.schema(), help="What is typed as the password.", required=True),
        "button": Key(schema=WORD, help="What is pressed then.", required=True),
        "refused": Key(schema=_SEEN, help="What is seen after a wrong password."),
        "see": Key(schema=_SEEN, help="What is seen on the protected page."),
        "log_out": Key(schema=_STEPS, help="Steps of a journey that sign out on the protected page."),
        "signed_out": Key(schema=WORD, help="Where that leads; `page` unless it is said."),
        "account": Key(
            schema=ACCOUNT.schema(),
            help="The account of the auth server, with the right password; `ada` (`ada@example.com`) "
            "unless it is said.",
        ),
        "api": Key(
            schema=either(WORD, IMITATION.schema()),
            help="The API that the auth server imitates: a file beside this one, the name of one that comes "
            "with Portico, or the description itself. Without it, it speaks as in journeys.",
        ),
        "datasources": Key(
            schema=named(WORD),
            help="Paths at which datasources begin there, by their names; those of their addresses "
            "unless it is said.",
        ),
        "database": Key(schema=DATABASE.schema(), help="What all datasources of SQL are led to."),
    },
)
