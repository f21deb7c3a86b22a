"""Serves the Django project in a folder. Arguments: the folder, and the port.

Its database is a file of the working folder, made here.
"""

import os
import sys

import django
import uvicorn
from django.core.asgi import get_asgi_application
from django.core.management import call_command


def main(project: str, port: str) -> None:
    """Make the tables, and serve until ended."""
    sys.path.insert(0, project)
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
    django.setup()
    call_command("migrate", verbosity=0)
    uvicorn.run(get_asgi_application(), host="127.0.0.1", port=int(port), lifespan="off", log_level="warning")


if __name__ == "__main__":
    main(*sys.argv[1:])
