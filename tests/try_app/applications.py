"""Small applications of our own, one for each way in which applications of Appsmith sign in: made here, of
nobody's. Each has a page `Login` and a page `Home`, which needs who signed in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.importers.appsmith.shop import (
    Json,
    function,
    page,
    rest,
    root,
    script,
    widget,
    write_export,
    write_git,
)

SETTINGS: Json = {"pages": [{"id": "Home", "isDefault": False}, {"id": "Login", "isDefault": True}]}
API: Json = {"id": "Api", "name": "Api"}
#: Sends whoever is not signed in to the login page, as applications do on each of their pages.
GUARD = (
    "export default {{\n  check() {{\n    if (!appsmith.store.{key}) navigateTo('Login');\n  }},\n{more}}}"
)


@dataclass(frozen=True, kw_only=True)
class Application:
    """An application: what its button does, what it asks, and how it signs out."""

    enter: str
    leave: str
    key: str
    sign_in: Json
    home: tuple[Json, ...] = ()
    scripts: tuple[Json, ...] = ()
    shown: str = "Welcome"
    source: Json = field(default_factory=lambda: dict(API))

    @property
    def pages(self) -> list[Json]:
        """The two of them."""
        login = root(
            widget("Email", "INPUT_WIDGET_V2", (0, 0, 64, 7), label="E-mail"),
            widget("Secret", "INPUT_WIDGET_V2", (0, 7, 64, 14), label="Password", inputType="PASSWORD"),
            widget("Enter", "BUTTON_WIDGET", (0, 16, 20, 20), text="Log in", onClick=self.enter),
        )
        home = root(
            widget("Title", "TEXT_WIDGET", (0, 0, 64, 4), text=self.shown),
            widget("Leave", "BUTTON_WIDGET", (0, 6, 20, 10), text="Log out", onClick=self.leave),
        )
        return [page("Login", login), page("Home", home)]

    @property
    def actions(self) -> list[Json]:
        """What they ask."""
        return [self.sign_in, *self.home, function("Home", "Guard", "check", "ON_PAGE_LOAD")]

    @property
    def code(self) -> list[Json]:
        """Their script objects."""
        return [script("Home", "Guard", GUARD.format(key=self.key, more="")), *self.scripts]

    def write(self, folder: Path) -> Path:
        """It in Appsmith's git layout."""
        return write_git(folder, pages=self.pages, actions=self.actions, scripts=self.code, settings=SETTINGS)

    def write_export(self, folder: Path) -> Path:
        """It as one file."""
        return write_export(
            folder,
            exportedApplication=SETTINGS,
            pageList=self.pages,
            actionList=self.actions,
            actionCollectionList=self.code,
            datasourceList=[{"name": "Api", "pluginId": "restapi-plugin"}],
        )


def posted(name: str, path: str, body: str, *, page_name: str = "Login", **more: object) -> Json:
    """A query that posts JSON."""
    configuration = {
        "httpMethod": "POST",
        "path": path,
        "body": body,
        "formData": {"apiContentType": "application/json"},
        **more,
    }
    return rest(page_name, name, datasource=dict(API), configuration=configuration)


def read(name: str, path: str, *, token: str = "", run: str = "ON_PAGE_LOAD") -> Json:
    """A query of `Home`, with the token that is kept under a key."""
    headers = [{"key": "Authorization", "value": f"Bearer {{{{appsmith.store.{token}}}}}"}] if token else []
    configuration = {"path": path, "headers": headers}
    return rest("Home", name, datasource=dict(API), runBehaviour=run, configuration=configuration)


def sql(name: str, statement: str) -> Json:
    """A query of a database, with prepared statements."""
    configuration = {"body": statement, "pluginSpecifiedTemplates": [{"value": True}]}
    return {
        **rest("Login", name, datasource={"id": "Db", "name": "Db"}, configuration=configuration),
        "pluginId": "postgres-plugin",
        "pluginType": "DB",
    }


TYPED = '{"email": {{Email.text}}, "password": {{Secret.text}}}'


def jwt() -> Application:
    """A JSON Web Token in the body, callbacks, and a log-out that tells the API and takes the key away."""
    enter = (
        "{{signIn.run(() => { storeValue('accessToken', signIn.data.token); "
        "storeValue('me', signIn.data.user); navigateTo('Home'); }, () => showAlert('No entry', 'error'))}}"
    )
    leave = "{{revoke.run(() => { removeValue('accessToken'); removeValue('me'); navigateTo('Login'); })}}"
    return Application(
        enter=enter,
        leave=leave,
        key="accessToken",
        sign_in=posted("signIn", "/auth/login", TYPED),
        home=(
            read("orders", "/orders", token="accessToken"),
            posted(
                "revoke",
                "/auth/logout",
                "{}",
                page_name="Home",
                headers=[{"key": "Authorization", "value": "Bearer {{appsmith.store.accessToken}}"}],
            ),
        ),
        shown="{{orders.data.length}} orders of {{appsmith.store.me.email}}",
    )


def pocketbase() -> Application:
    """PocketBase: a token and a record; the key is emptied at the end."""
    enter = (
        "{{signIn.run().then(() => { const token = signIn?.data?.token; "
        "if (token) { storeValue('token', token); navigateTo('Home', {}); } "
        "else { showAlert('No entry', 'error'); } })"
        ".catch(() => showAlert('No entry', 'error'))}}"
    )
    body = '{"identity": "{{Email.text}}", "password": "{{Secret.text}}"}'
    return Application(
        enter=enter,
        leave="{{(() => { storeValue('token', null); navigateTo('Login', {}); })()}}",
        key="token",
        sign_in=posted("signIn", "/api/collections/users/auth-with-password", body),
        home=(read("orders", "/api/collections/orders/records", token="token"),),
    )


def gotrue() -> Application:
    """GoTrue: `grant_type` in the address, every member of the answer under its own name, a store that is
    cleared."""
    enter = (
        "{{signIn.run().then((data) => { Object.keys(data).forEach(k => storeValue(k, data[k])); "
        "navigateTo('Home'); }).catch(() => showAlert('No entry', 'error'))}}"
    )
    return Application(
        enter=enter,
        leave="{{clearStore().then(() => navigateTo('Login', {}, 'SAME_WINDOW'))}}",
        key="access_token",
        sign_in=posted(
            "signIn",
            "/auth/v1/token",
            TYPED,
            queryParameters=[{"key": "grant_type", "value": "password"}],
        ),
        home=(read("who", "/auth/v1/user", token="access_token"),),
        shown="Hello, {{who.data.email}}",
    )


def session() -> Application:
    """A session object without a token, which goes into the store as it is."""
    enter = (
        "{{signIn.run().then(() => { storeValue('user', signIn.data); navigateTo('Home'); })"
        ".catch(() => showAlert('No entry', 'error'))}}"
    )
    return Application(
        enter=enter,
        leave="{{(() => { removeValue('user'); navigateTo('Login'); })()}}",
        key="user",
        sign_in=posted("signIn", "/v1/account/sessions/email", TYPED),
        shown="Session of {{appsmith.store.user.providerUid}}",
    )


def listed() -> Application:
    """A list of one item, and 200 for a wrong password: what comes of it is up to the code."""
    body = """export default {
  async signIn() {
    storeValue('authToken', undefined);
    const response = await signIn.run();
    const data = Array.isArray(response) ? response[0] : response;
    if (data.success === true) {
      await storeValue('authToken', data.token, true);
      await storeValue('who', data.data, true);
      navigateTo('Home');
    } else {
      showAlert(data.message || 'No entry', 'error');
    }
  },
}"""
    return Application(
        enter="{{Auth.signIn()}}",
        leave="{{clearStore(); navigateTo('Login');}}",
        key="authToken",
        sign_in=posted("signIn", "/webhook/api/v1/login", TYPED),
        scripts=(script("Login", "Auth", body),),
        shown="Hello, {{appsmith.store.who.username}}",
    )


def number() -> Application:
    """A number under the key, of a user without any token, and the role that says where to go."""
    body = """export default {
  async signIn() {
    const found = await signIn.run();
    await storeValue('userId', found.id);
    await storeValue('userRole', found.role);
    if (found.role === 'READER') navigateTo('Home');
  },
}"""
    return Application(
        enter="{{Auth.signIn()}}",
        leave="{{storeValue('userId', null).then(() => navigateTo('Login'))}}",
        key="userId",
        sign_in=posted("signIn", "/auth/login", TYPED),
        home=(read("shelf", "/shelves/{{appsmith.store.userId}}"),),
        scripts=(script("Login", "Auth", body),),
        shown="{{shelf.data.books}} books",
    )


def plain_table() -> Application:
    """A table of users, which holds passwords as they are typed."""
    enter = (
        "{{signIn.run().then(() => { if (signIn.data.length > 0) { storeValue('user', signIn.data[0]); "
        "navigateTo('Home'); } else { showAlert('No entry', 'error'); } })}}"
    )
    statement = (
        "SELECT id, email, name FROM people WHERE email = {{Email.text}} AND secret = {{Secret.text}};"
    )
    return Application(
        enter=enter,
        leave="{{clearStore(); navigateTo('Login');}}",
        key="user",
        sign_in=sql("signIn", statement),
        shown="Hello, {{appsmith.store.user.name}}",
    )


def hashed_table() -> Application:
    """A table of users, whose hashes the database compares."""
    body = """export default {
  async signIn() {
    try {
      const rows = await signIn.run();
      if (rows && rows.length > 0) {
        await storeValue('user_id', rows[0].id);
        await storeValue('user_name', rows[0].name);
        navigateTo('Home');
      } else {
        showAlert('No entry', 'error');
      }
    } catch (error) {
      showAlert('The database: ' + error.message, 'error');
    }
  },
}"""
    leave = (
        "{{Promise.all([removeValue('user_id'), removeValue('user_name')]).then(() => navigateTo('Login'))}}"
    )
    statement = (
        "SELECT id, name FROM staff.people WHERE email = {{Email.text}} "
        "AND password_hash = crypt({{Secret.text}}, password_hash) AND active = true;"
    )
    return Application(
        enter="{{Auth.signIn()}}",
        leave=leave,
        key="user_id",
        sign_in=sql("signIn", statement),
        scripts=(script("Login", "Auth", body),),
        shown="Hello, {{appsmith.store.user_name}}",
    )


def flag() -> Application:
    """Whether it went well is what goes under the key: `true`, or `false` with 200."""
    enter = (
        "{{signIn.run().then(() => { storeValue('loggedIn', signIn.data.success); "
        "storeValue('name', signIn.data.name); if (signIn.data.success) { navigateTo('Home'); } "
        "else { showAlert('No entry', 'error'); } })}}"
    )
    return Application(
        enter=enter,
        leave="{{(() => { storeValue('loggedIn', false); navigateTo('Login'); })()}}",
        key="loggedIn",
        sign_in=posted("signIn", "/login", TYPED),
        shown="Hello, {{appsmith.store.name}}",
    )


def compared() -> Application:
    """A table of users, whose hashes a library compares in the app's own code."""
    body = """export default {
  async signIn() {
    const rows = await findUser.run();
    if (rows.length && await dcodeIO.bcrypt.compare(Secret.text, rows[0].password_hash)) {
      await storeValue('user', rows[0]);
      navigateTo('Home');
    } else {
      showAlert('No entry', 'error');
    }
  },
}"""
    return Application(
        enter="{{Auth.signIn()}}",
        leave="{{removeValue('user').then(() => navigateTo('Login'))}}",
        key="user",
        sign_in=sql("findUser", "SELECT id, name, password_hash FROM people WHERE email = {{Email.text}};"),
        scripts=(script("Login", "Auth", body),),
        shown="Hello, {{appsmith.store.user.name}}",
    )


#: All of them, by the names of their files in `sign-ins`.
APPLICATIONS: dict[str, Callable[[], Application]] = {
    "jwt": jwt,
    "pocketbase": pocketbase,
    "gotrue": gotrue,
    "session": session,
    "listed": listed,
    "number": number,
    "flag": flag,
    "plain-table": plain_table,
    "hashed-table": hashed_table,
    "compared": compared,
}
