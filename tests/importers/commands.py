# ruff: noqa: E501  (commands stand as they are copied)
r"""Curl commands as people copy them, and what each one sends.

They are shaped like those of documentation, browsers and API tools; services, keys and people are
made up.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

#: Values of the variables that the commands name.
VARIABLES = {
    "SB_KEY": "sb_publishable_0123456789",
    "AI_API_KEY": "sk-proj-0123456789abcdef",
    "USER_ID": "42",
    "EMAIL": "ann@example.com",
}


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A request: `query` as decoded pairs, `headers` without those that every client sets itself,
    `body` as JSON, pairs of a form, parts, or text."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, kw_only=True)
class Case:
    """A command and what it sends. `left_out` are headers that curl sends and a query does not;
    a command for `windows` cannot be run by a shell of this machine."""

    name: str
    command: str
    sent: Sent
    left_out: tuple[str, ...] = ()
    windows: bool = False


def basic(text: str) -> str:
    """The value of a Basic header."""
    return "Basic " + base64.b64encode(text.encode()).decode()


SUPABASE = [
    Case(
        name="supabase sign up, a placeholder for the key",
        command="""curl -X POST 'https://abcdefgh.supabase.co/auth/v1/signup' \\
-H "apikey: SUPABASE_KEY" \\
-H "Content-Type: application/json" \\
-d '{
  "email": "someone@email.com",
  "password": "some-password"
}'""",
        sent=Sent(
            method="POST",
            path="/auth/v1/signup",
            headers={"apikey": "SUPABASE_KEY", "content-type": JSON},
            body={"email": "someone@email.com", "password": "some-password"},
        ),
    ),
    Case(
        name="supabase sign in, a variable for the key",
        command="""curl -X POST "https://abcdefgh.supabase.co/auth/v1/token?grant_type=password" \\
  -H "apikey: $SB_KEY" \\
  -H "Content-Type: application/json" \\
  --data-raw "{\\"email\\": \\"$EMAIL\\", \\"password\\": \\"s3cret pass\\"}"
""",
        sent=Sent(
            method="POST",
            path="/auth/v1/token",
            query=(("grant_type", "password"),),
            headers={"apikey": VARIABLES["SB_KEY"], "content-type": JSON},
            body={"email": "ann@example.com", "password": "s3cret pass"},
        ),
    ),
    Case(
        name="supabase refresh",
        command="curl 'https://abcdefgh.supabase.co/auth/v1/token?grant_type=refresh_token' "
        "-H 'apikey: eyJhbGciOiJIUzI1NiJ9.e30.sig' -H 'Content-Type: application/json' "
        """-d '{"refresh_token": "kl4-Kd_39sLa"}'""",
        sent=Sent(
            method="POST",
            path="/auth/v1/token",
            query=(("grant_type", "refresh_token"),),
            headers={"apikey": "eyJhbGciOiJIUzI1NiJ9.e30.sig", "content-type": JSON},
            body={"refresh_token": "kl4-Kd_39sLa"},
        ),
    ),
    Case(
        name="supabase user, key twice",
        command="curl 'https://abcdefgh.supabase.co/auth/v1/user' -H 'apikey: sb_secret_xyz12345' "
        "-H 'Authorization: Bearer sb_secret_xyz12345'",
        sent=Sent(
            method="GET",
            path="/auth/v1/user",
            headers={"apikey": "sb_secret_xyz12345", "authorization": "Bearer sb_secret_xyz12345"},
        ),
    ),
    Case(
        name="postgrest read with filters",
        command="curl 'https://abcdefgh.supabase.co/rest/v1/todos?select=id,name,owner(id)&done=is.false"
        "&order=created_at.desc&id=gt.3&id=lt.9' "
        '-H "apikey: sb_publishable_abc12345" -H "Range: 0-9" -H "Prefer: count=exact"',
        sent=Sent(
            method="GET",
            path="/rest/v1/todos",
            query=(
                ("select", "id,name,owner(id)"),
                ("done", "is.false"),
                ("order", "created_at.desc"),
                ("id", "gt.3"),
                ("id", "lt.9"),
            ),
            headers={"apikey": "sb_publishable_abc12345", "range": "0-9", "prefer": "count=exact"},
        ),
    ),
    Case(
        name="postgrest insert of several rows",
        command="curl -X POST 'https://abcdefgh.supabase.co/rest/v1/todos' \\\n"
        '-H "apikey: sb_publishable_abc12345" -H "Authorization: Bearer eyJ0.eyJz.c2ln" \\\n'
        '-H "Content-Type: application/json" -H "Prefer: return=minimal" \\\n'
        """-d '[{ "name": "a", "n": 1.50 }, { "name": "ä\\u00e9", "n": 12345678901234567890 }]'""",
        sent=Sent(
            method="POST",
            path="/rest/v1/todos",
            headers={
                "apikey": "sb_publishable_abc12345",
                "authorization": "Bearer eyJ0.eyJz.c2ln",
                "content-type": JSON,
                "prefer": "return=minimal",
            },
            body=[{"name": "a", "n": 1.5}, {"name": "äé", "n": 12345678901234567890}],
        ),
    ),
    Case(
        name="postgrest update",
        command="curl -X PATCH 'https://abcdefgh.supabase.co/rest/v1/todos?id=eq.7' "
        """-H "apikey: sb_publishable_abc12345" -H "Content-Type: application/json" -d '{ "done": true }'""",
        sent=Sent(
            method="PATCH",
            path="/rest/v1/todos",
            query=(("id", "eq.7"),),
            headers={"apikey": "sb_publishable_abc12345", "content-type": JSON},
            body={"done": True},
        ),
    ),
    Case(
        name="postgrest delete",
        command="curl -X DELETE 'https://abcdefgh.supabase.co/rest/v1/todos?id=eq.7' "
        "-H 'apikey: sb_publishable_abc12345'",
        sent=Sent(
            method="DELETE",
            path="/rest/v1/todos",
            query=(("id", "eq.7"),),
            headers={"apikey": "sb_publishable_abc12345"},
        ),
    ),
]

STRAPI = [
    Case(
        name="strapi sign in on this machine",
        command="curl -X POST http://localhost:1337/api/auth/local -H 'Content-Type: application/json' "
        """-d '{"identifier":"appsmith_user","password":"appsmith_password"}'""",
        sent=Sent(
            method="POST",
            path="/api/auth/local",
            headers={"content-type": JSON},
            body={"identifier": "appsmith_user", "password": "appsmith_password"},
        ),
    ),
    Case(
        name="strapi me, without a scheme",
        command="curl localhost:1337/api/users/me -H 'Authorization: Bearer eyJhbGci.eyJpZCI6MX0.c2ln'",
        sent=Sent(
            method="GET",
            path="/api/users/me",
            headers={"authorization": "Bearer eyJhbGci.eyJpZCI6MX0.c2ln"},
        ),
    ),
    Case(
        name="strapi filters in brackets",
        command="curl -g 'http://localhost:1337/api/posts?filters[title][$eq]=hello&populate[0]=author"
        "&pagination[pageSize]=5'",
        sent=Sent(
            method="GET",
            path="/api/posts",
            query=(
                ("filters[title][$eq]", "hello"),
                ("populate[0]", "author"),
                ("pagination[pageSize]", "5"),
            ),
        ),
    ),
    Case(
        name="strapi update with nested data",
        command="""curl --request PUT --url http://localhost:1337/api/posts/3 \\
  --header 'content-type: application/json' \\
  --data '{"data": {"title": "It'\\''s {{ here }}", "tags": [], "author": null}}'""",
        sent=Sent(
            method="PUT",
            path="/api/posts/3",
            headers={"content-type": JSON},
            body={"data": {"title": "It's {{ here }}", "tags": [], "author": None}},
        ),
    ),
]

SERVICES = [
    Case(
        name="a key as user name, form data",
        command="curl https://api.payments.example/v1/charges -u sk_test_4eC39HqLyjWDarj: "
        '-d amount=2000 -d currency=usd -d "metadata[order]=6735" -d description="Ann & Co"',
        sent=Sent(
            method="POST",
            path="/v1/charges",
            headers={"authorization": basic("sk_test_4eC39HqLyjWDarj:"), "content-type": FORM},
            # Nobody encoded the `&`, so it separates.
            body="amount=2000&currency=usd&metadata[order]=6735&description=Ann & Co",
        ),
    ),
    Case(
        name="account and token, encoded form",
        command="""curl -X POST "https://api.telephone.example/2010-04-01/Accounts/AC123/Messages.json" \\
--data-urlencode "Body=Hi there & welcome +1" \\
--data-urlencode "From=+15017122661" \\
--data-urlencode "To=+15558675310" \\
-u AC123:2f7b9c3d4e5f""",
        sent=Sent(
            method="POST",
            path="/2010-04-01/Accounts/AC123/Messages.json",
            headers={"authorization": basic("AC123:2f7b9c3d4e5f"), "content-type": FORM},
            body=[("Body", "Hi there & welcome +1"), ("From", "+15017122661"), ("To", "+15558675310")],
        ),
    ),
    Case(
        name="mail by parts",
        command="""curl -s --user 'api:key-3ax6xnjp29jd6fds4gc373sg' \\
    https://api.mail.example/v3/samples.example.org/messages \\
    -F from='Excited User <me@samples.example.org>' \\
    -F to=you@example.com -F to=bob@example.com \\
    -F subject='Hello "World"' \\
    -F text='Testing; some text'""",
        sent=Sent(
            method="POST",
            path="/v3/samples.example.org/messages",
            headers={
                "authorization": basic("api:key-3ax6xnjp29jd6fds4gc373sg"),
                "content-type": "multipart/form-data",
            },
            body=[
                ("from", "Excited User <me@samples.example.org>"),
                ("to", "you@example.com"),
                ("to", "bob@example.com"),
                ("subject", 'Hello "World"'),
                ("text", "Testing"),
            ],
        ),
    ),
    Case(
        name="a bearer and a version of the API",
        command="""curl -L \\
  -X POST \\
  -H "Accept: application/vnd.forge+json" \\
  -H "Authorization: Bearer ghp_16C7e42F292c6912E7710c838347Ae178B4a" \\
  -H "X-Api-Version: 2022-11-28" \\
  https://api.forge.example/repos/OWNER/REPO/issues \\
  -d '{"title":"Found a bug","body":"I'\\''m having a problem\\nwith this.","labels":["bug"]}'""",
        sent=Sent(
            method="POST",
            path="/repos/OWNER/REPO/issues",
            headers={
                "accept": "application/vnd.forge+json",
                "authorization": "Bearer ghp_16C7e42F292c6912E7710c838347Ae178B4a",
                "x-api-version": "2022-11-28",
                "content-type": FORM,
            },
            # The command forgets to say that it is JSON.
            body='{"title":"Found a bug","body":"I\'m having a problem\\nwith this.","labels":["bug"]}',
        ),
    ),
    Case(
        name="chat completion",
        command="""curl https://api.ai.example/v1/chat/completions \\
  -H "Content-Type: application/json" \\
  -H "Authorization: Bearer $AI_API_KEY" \\
  -d '{
     "model": "small-1",
     "messages": [{"role": "user", "content": "Say \\"hi\\" to $USER"}],
     "temperature": 0.7
   }'
""",
        sent=Sent(
            method="POST",
            path="/v1/chat/completions",
            headers={"authorization": "Bearer sk-proj-0123456789abcdef", "content-type": JSON},
            body={
                "model": "small-1",
                "messages": [{"role": "user", "content": 'Say "hi" to $USER'}],
                "temperature": 0.7,
            },
        ),
    ),
    Case(
        name="webhook with a label in other letters",
        command="""curl -X POST -H 'Content-type: application/json' --data '{"text":"Hello, World!"}' """
        "https://hooks.chat.example/services/T000/B000/XXXXXXXX",
        sent=Sent(
            method="POST",
            path="/services/T000/B000/XXXXXXXX",
            headers={"content-type": JSON},
            body={"text": "Hello, World!"},
        ),
    ),
    Case(
        name="a key in the query string",
        command="curl 'https://maps.example/maps/api/geocode/json?address=1600+Amphitheatre%20Parkway,+CA"
        "&key=AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY&language=de'",
        sent=Sent(
            method="GET",
            path="/maps/api/geocode/json",
            query=(
                ("address", "1600 Amphitheatre Parkway, CA"),
                ("key", "AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY"),
                ("language", "de"),
            ),
        ),
    ),
    Case(
        name="a key in the query string, and a bearer besides",
        command="curl 'https://data.example/v2/rows?api_key=0123456789abcdef' --oauth2-bearer abc.def.ghi",
        sent=Sent(
            method="GET",
            path="/v2/rows",
            query=(("api_key", "0123456789abcdef"),),
            headers={"authorization": "Bearer abc.def.ghi"},
        ),
    ),
    Case(
        name="search with two headers of its own",
        command="""curl -X POST "https://app1-dsn.search.example/1/indexes/contacts/query" \\
     -H "X-Search-API-Key: 0a1b2c3d4e5f60718293" \\
     -H "X-Search-Application-Id: APP1" \\
     --json '{ "params": "query=george%20clo&hitsPerPage=2" }'""",
        sent=Sent(
            method="POST",
            path="/1/indexes/contacts/query",
            headers={
                "x-search-api-key": "0a1b2c3d4e5f60718293",
                "x-search-application-id": "APP1",
                "content-type": JSON,
                "accept": JSON,
            },
            body={"params": "query=george%20clo&hitsPerPage=2"},
        ),
    ),
    Case(
        name="a scheme of its own",
        command="curl -X PUT https://cluster.example:9243/products/_doc/1 "
        '-H "Authorization: ApiKey VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhUTm1zeWFrdzl0dk5udw==" '
        """-H 'Content-Type: application/json; charset=utf-8' -d '{"price": 19.90}'""",
        sent=Sent(
            method="PUT",
            path="/products/_doc/1",
            headers={
                "authorization": "ApiKey VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhUTm1zeWFrdzl0dk5udw==",
                "content-type": "application/json; charset=utf-8",
            },
            body={"price": 19.9},
        ),
    ),
    Case(
        name="a private token",
        command="curl --request POST --header 'PRIVATE-TOKEN: glpat-0123456789abcdef' "
        "--data 'name=group%2Fproject&visibility=internal' 'https://forge.example.com/api/v4/projects'",
        sent=Sent(
            method="POST",
            path="/api/v4/projects",
            headers={"private-token": "glpat-0123456789abcdef", "content-type": FORM},
            body=[("name", "group/project"), ("visibility", "internal")],
        ),
    ),
    Case(
        name="a form to sign in",
        command="curl -X 'POST' 'https://api.todo.example/auth/jwt/login' -H 'accept: application/json' "
        "-H 'Content-Type: application/x-www-form-urlencoded' "
        "-d 'grant_type=password&username=ann%40example.com&password=hunter2%2B&scope=&client_id='",
        sent=Sent(
            method="POST",
            path="/auth/jwt/login",
            headers={"accept": JSON, "content-type": FORM},
            body=[
                ("grant_type", "password"),
                ("username", "ann@example.com"),
                ("password", "hunter2+"),
                ("scope", ""),
                ("client_id", ""),
            ],
        ),
    ),
    Case(
        name="JSON:API",
        command="""curl -X PATCH https://api.cms.example/v1/articles/1 \\
 -H 'Content-Type: application/vnd.api+json' -H 'Accept: application/vnd.api+json' \\
 -d '{"data":{"type":"articles","id":"1","attributes":{"title":"To TDD or Not"}}}'""",
        sent=Sent(
            method="PATCH",
            path="/v1/articles/1",
            headers={"content-type": "application/vnd.api+json", "accept": "application/vnd.api+json"},
            body={"data": {"type": "articles", "id": "1", "attributes": {"title": "To TDD or Not"}}},
        ),
    ),
    Case(
        name="GraphQL",
        command="""curl 'https://graph.example/graphql' -H 'x-hasura-admin-secret: 0123456789abcdef' """
        """-H 'content-type: application/json' --data-binary """
        """'{"query":"query ($id: ID!) {\\n  user(id: $id) { name }\\n}","variables":{"id":"1"}}'""",
        sent=Sent(
            method="POST",
            path="/graphql",
            headers={"x-hasura-admin-secret": "0123456789abcdef", "content-type": JSON},
            body={"query": "query ($id: ID!) {\n  user(id: $id) { name }\n}", "variables": {"id": "1"}},
        ),
    ),
    Case(
        name="a variable in the path",
        command='curl -X DELETE "https://api.todo.example/v2/users/${USER_ID}/sessions?all=true"',
        sent=Sent(method="DELETE", path="/v2/users/42/sessions", query=(("all", "true"),)),
    ),
    Case(
        name="XML",
        command="""curl -X POST https://soap.example/service.asmx -H 'Content-Type: text/xml; charset=utf-8' \\
  -H 'SOAPAction: "http://tempuri.example/Add"' --data-binary $'<?xml version="1.0"?>\\n<a>\\n  <b>1 \\u2713</b>\\n</a>\\n'""",
        sent=Sent(
            method="POST",
            path="/service.asmx",
            headers={"content-type": "text/xml; charset=utf-8", "soapaction": '"http://tempuri.example/Add"'},
            body='<?xml version="1.0"?>\n<a>\n  <b>1 ✓</b>\n</a>\n',
        ),
    ),
    Case(
        name="line protocol",
        command="curl -i -XPOST 'https://metrics.example/api/v2/write?org=o&bucket=b&precision=s' "
        "--header 'Authorization: Token s3cr3t-T0ken==' "
        "--data-raw 'mem,host=host1 used_percent=23.43234543 1556896326'",
        sent=Sent(
            method="POST",
            path="/api/v2/write",
            query=(("org", "o"), ("bucket", "b"), ("precision", "s")),
            headers={"authorization": "Token s3cr3t-T0ken==", "content-type": FORM},
            body="mem,host=host1 used_percent=23.43234543 1556896326",
        ),
    ),
]

BROWSERS = [
    Case(
        name="chrome, bash",
        command="""curl 'https://app.shop.example/api/orders?page=2&size=50' \\
  -H 'accept: application/json, text/plain, */*' \\
  -H 'accept-language: de-DE,de;q=0.9,en;q=0.8' \\
  -H 'authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln' \\
  -b '_ga=GA1.1.1; sid=s%3Aabc.def' \\
  -H 'content-type: application/json' \\
  -H 'origin: https://app.shop.example' \\
  -H 'priority: u=1, i' \\
  -H 'referer: https://app.shop.example/orders' \\
  -H 'sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24"' \\
  -H 'sec-ch-ua-mobile: ?0' \\
  -H 'sec-ch-ua-platform: "Linux"' \\
  -H 'sec-fetch-dest: empty' \\
  -H 'sec-fetch-mode: cors' \\
  -H 'sec-fetch-site: same-origin' \\
  -H 'user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36' \\
  -H 'x-csrf-token: ab12cd34ef56' \\
  --data-raw $'{"note":"it\\'s \\u0021 50% off\\\\nline two","tags":["a","b"]}'""",
        sent=Sent(
            method="POST",
            path="/api/orders",
            query=(("page", "2"), ("size", "50")),
            headers={
                "accept": "application/json, text/plain, */*",
                "accept-language": "de-DE,de;q=0.9,en;q=0.8",
                "authorization": "Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
                "cookie": "_ga=GA1.1.1; sid=s%3Aabc.def",
                "content-type": JSON,
                "origin": "https://app.shop.example",
                "referer": "https://app.shop.example/orders",
                "x-csrf-token": "ab12cd34ef56",
            },
            body={"note": "it's ! 50% off\nline two", "tags": ["a", "b"]},
        ),
        left_out=(
            "priority",
            "sec-ch-ua",
            "sec-ch-ua-mobile",
            "sec-ch-ua-platform",
            "sec-fetch-dest",
            "sec-fetch-mode",
            "sec-fetch-site",
            "user-agent",
        ),
    ),
    Case(
        name="chrome, cmd",
        command='curl ^"https://app.shop.example/api/login?next=^%^2Fhome^&a=1^" ^\r\n'
        '  -H ^"accept: */*^" ^\r\n'
        '  -H ^"content-type: application/json^" ^\r\n'
        '  -H ^"sec-ch-ua: ^\\^"Chromium^\\^";v=^\\^"140^\\^"^" ^\r\n'
        '  --data-raw ^"^{^\\^"email^\\^":^\\^"ann^@example.com^\\^",^\\^"password^\\^":^\\^"p^%^25^^w^&d^!^\\^"^}^"',
        sent=Sent(
            method="POST",
            path="/api/login",
            query=(("next", "/home"), ("a", "1")),
            headers={"content-type": JSON},
            body={"email": "ann@example.com", "password": "p%25^w&d!"},
        ),
        left_out=("sec-ch-ua",),
        windows=True,
    ),
    Case(
        name="older chrome, cmd, with a line break in the body",
        command='curl "https://app.shop.example/api/notes" ^\n  -H "Content-Type: text/plain" ^\n'
        '  --data-raw ^"one^\n\ntwo ^\\^"quoted^\\^"^" ^\n  --compressed',
        sent=Sent(
            method="POST",
            path="/api/notes",
            headers={"content-type": "text/plain"},
            body='one\ntwo "quoted"',
        ),
        windows=True,
    ),
    Case(
        name="firefox",
        command="curl 'https://app.shop.example/graphql/v1' --compressed -X POST "
        "-H 'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' "
        "-H 'Accept: */*' -H 'Accept-Language: en-US,en;q=0.5' -H 'Accept-Encoding: gzip, deflate, br, zstd' "
        "-H 'Content-Type: application/json' -H 'DNT: 1' -H 'Connection: keep-alive' -H 'TE: trailers' "
        "-H 'Cookie: session=0123456789' "
        """--data-raw '{"operationName":null,"variables":{},"query":"{ me { id } }"}'""",
        sent=Sent(
            method="POST",
            path="/graphql/v1",
            headers={
                "accept-language": "en-US,en;q=0.5",
                "content-type": JSON,
                "cookie": "session=0123456789",
            },
            body={"operationName": None, "variables": {}, "query": "{ me { id } }"},
        ),
        left_out=("user-agent", "dnt", "te"),
    ),
    Case(
        name="safari",
        command="""curl 'https://app.shop.example/api/items/7' \\
-X 'PUT' \\
-H 'Content-Type: application/json' \\
-H 'Accept: */*' \\
-H 'Sec-Fetch-Site: same-origin' \\
-H 'Origin: https://app.shop.example' \\
-H 'Content-Length: 27' \\
--data-binary '{"qty":2,"note":"für Ann"}'""",
        sent=Sent(
            method="PUT",
            path="/api/items/7",
            headers={"content-type": JSON, "origin": "https://app.shop.example"},
            body={"qty": 2, "note": "für Ann"},
        ),
        left_out=("sec-fetch-site",),
    ),
]

TOOLS = [
    Case(
        name="postman, JSON",
        command="""curl --location 'https://api.todo.example/auth/login' \\
--header 'Content-Type: application/json' \\
--data-raw '{
    "username": "emilys",
    "password": "emilyspass",
    "expiresInMins": 30
}'""",
        sent=Sent(
            method="POST",
            path="/auth/login",
            headers={"content-type": JSON},
            body={"username": "emilys", "password": "emilyspass", "expiresInMins": 30},
        ),
    ),
    Case(
        name="postman, older, form data",
        command="""curl --location --request POST 'https://api.todo.example/v1/upload' \\
--header 'X-API-Key: 0123456789abcdef' \\
--form 'title="My \\"first\\" one"' \\
--form 'tags="a;b"' \\
--form 'empty=""'""",
        sent=Sent(
            method="POST",
            path="/v1/upload",
            headers={"x-api-key": "0123456789abcdef", "content-type": "multipart/form-data"},
            body=[("title", 'My "first" one'), ("tags", "a;b"), ("empty", "")],
        ),
    ),
    Case(
        name="postman, encoded form",
        command="""curl --location 'https://id.todo.example/oauth/token' \\
--header 'Content-Type: application/x-www-form-urlencoded' \\
--header 'Authorization: Basic Y2xpZW50OnMzY3JldA==' \\
--data-urlencode 'grant_type=password' \\
--data-urlencode 'username=ann@example.com' \\
--data-urlencode 'password=p&w=d +1'""",
        sent=Sent(
            method="POST",
            path="/oauth/token",
            headers={"authorization": basic("client:s3cret"), "content-type": FORM},
            body=[("grant_type", "password"), ("username", "ann@example.com"), ("password", "p&w=d +1")],
        ),
    ),
    Case(
        name="insomnia",
        command="""curl --request PATCH \\
  --url 'https://api.todo.example/items/9?dry_run=' \\
  --header 'Authorization: Bearer abcdefghij' \\
  --header 'Content-Type: application/json' \\
  --header 'User-Agent: insomnia/11.0.2' \\
  --data '{
	"done": false
}'""",
        sent=Sent(
            method="PATCH",
            path="/items/9",
            query=(("dry_run", ""),),
            headers={
                "authorization": "Bearer abcdefghij",
                "content-type": JSON,
                "user-agent": "insomnia/11.0.2",
            },
            body={"done": False},
        ),
    ),
    Case(
        name="swagger",
        command="curl -X 'GET' \\\n  'https://petstore.example/v2/pet/findByStatus?status=available&status=sold' \\\n"
        "  -H 'accept: application/json' \\\n  -H 'api_key: special-key-1'",
        sent=Sent(
            method="GET",
            path="/v2/pet/findByStatus",
            query=(("status", "available"), ("status", "sold")),
            headers={"accept": JSON, "api_key": "special-key-1"},
        ),
    ),
]

SHELL = [
    Case(
        name="parameters by -G",
        command='curl -sG https://api.weather.example/data/2.5/weather -d q=London,uk --data-urlencode "note=a b&c" '
        "-d units=metric",
        sent=Sent(
            method="GET",
            path="/data/2.5/weather",
            query=(("q", "London,uk"), ("note", "a b&c"), ("units", "metric")),
        ),
    ),
    Case(
        name="letters together, values without a space",
        command='curl -sSfXPOST -HContent-Type:application/json -d{} -m5 "https://api.todo.example/ping"',
        sent=Sent(method="POST", path="/ping", headers={"content-type": JSON}, body={}),
    ),
    Case(
        name="head",
        command="curl -I https://api.todo.example/health",
        sent=Sent(method="HEAD", path="/health"),
    ),
    Case(
        name="options",
        command="curl -X OPTIONS https://api.todo.example/items -H 'Access-Control-Request-Method: PUT' -o /dev/null",
        sent=Sent(method="OPTIONS", path="/items", headers={"access-control-request-method": "PUT"}),
    ),
    Case(
        name="what follows the command",
        command="$ curl -s https://api.todo.example/items 2>/dev/null | jq '.[0]'",
        sent=Sent(method="GET", path="/items"),
    ),
    Case(
        name="user in the address, port, dot segments",
        command="curl 'https://ann:p%40ss@api.todo.example:8443/a/./b/../c/?x#frag'",
        sent=Sent(
            method="GET",
            path="/a/c/",
            query=(("x", ""),),
            headers={"authorization": basic("ann:p@ss")},
        ),
    ),
    Case(
        name="agent, referer, cookies",
        command="curl -A 'shop/1.0 (ops@example.com)' -e 'https://example.com/a;auto' -b 'a=1' -b 'b=2' "
        "--http1.1 --tlsv1.2 --retry 3 https://api.todo.example/",
        sent=Sent(
            method="GET",
            path="/",
            headers={
                "user-agent": "shop/1.0 (ops@example.com)",
                "referer": "https://example.com/a",
                "cookie": "a=1;b=2",
            },
        ),
    ),
    Case(
        name="headers twice, empty, taken away",
        command="curl https://api.todo.example/x -H 'X-Many: a' -H 'X-Many: b' -H 'X-Empty;' -H 'Accept:' -k",
        sent=Sent(method="GET", path="/x", headers={"x-many": "a, b", "x-empty": ""}),
    ),
    Case(
        name="parameters that are no pairs",
        command="curl 'https://api.todo.example/search?flag&a=1&b=2&a=3&=&q=%e4'",
        sent=Sent(
            method="GET",
            path="/search",
            query=(("flag", ""), ("a", "1"), ("b", "2"), ("a", "3"), ("", ""), ("q", "\ufffd")),
        ),
    ),
    Case(
        name="empty data",
        command="curl -X POST https://api.todo.example/logout -d '' -H 'Authorization: Bearer abcdefghij'",
        sent=Sent(
            method="POST",
            path="/logout",
            headers={"authorization": "Bearer abcdefghij", "content-type": FORM},
        ),
    ),
    Case(
        name="a path and parameters beyond ASCII",
        command="curl 'https://api.todo.example/städte/%C3%A4?name=Köln%20%2B&tag=a%26b'",
        sent=Sent(
            method="GET",
            path="/st%C3%A4dte/%C3%A4",
            query=(("name", "Köln +"), ("tag", "a&b")),
        ),
    ),
    Case(
        name="JSON that is not, and JSON that is only text",
        command="""curl https://api.todo.example/log -H 'Content-Type: application/json' -d '{"a": 1, "a": 2}'""",
        sent=Sent(method="POST", path="/log", headers={"content-type": JSON}, body='{"a": 1, "a": 2}'),
    ),
    Case(
        name="braces everywhere",
        command="curl https://api.todo.example/render -H 'Content-Type: text/plain' -H 'X-T: {{x}}' "
        "-d 'Dear {{{name}}}, {{#each a}}{ {{b}} }{{/each}}'",
        sent=Sent(
            method="POST",
            path="/render",
            headers={"content-type": "text/plain", "x-t": "{{x}}"},
            body="Dear {{{name}}}, {{#each a}}{ {{b}} }{{/each}}",
        ),
    ),
    Case(
        name="text that YAML would take for something else",
        command="curl -X POST https://api.todo.example/yaml -d 'a=yes&b=007&c=1e3&d=null&e=~&f=%23x&g=%20y%20&h=2024-01-01'",
        sent=Sent(
            method="POST",
            path="/yaml",
            headers={"content-type": FORM},
            body=[
                ("a", "yes"), ("b", "007"), ("c", "1e3"), ("d", "null"), ("e", "~"), ("f", "#x"),
                ("g", " y "), ("h", "2024-01-01"),
            ],
        ),
    ),
]  # fmt: skip

CASES = [*SUPABASE, *STRAPI, *SERVICES, *BROWSERS, *TOOLS, *SHELL]
