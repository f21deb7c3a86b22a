"""The accounts of an embedded auth server that nobody has given any: of demos, `portico dev` and journeys."""

from portico.authserver.settings import NewAccount
from portico.values import Secret

#: The credentials of seed S2; some apps ask for the address in place of the name.
USERNAME, PASSWORD = "appsmith_user", "appsmith_password"
EMAIL = f"{USERNAME}@example.com"

#: The second one is of seed S4's API, which knows who that is.
DEMO = (
    NewAccount(username=USERNAME, email=EMAIL, password=Secret(PASSWORD)),
    NewAccount(username="emilys", email="emily.sample@example.com", password=Secret("emilyspass")),
)
