"""`portico package`: packages are published, looked at, and put into apps."""

import typer

from portico.cli import package_apps, package_registry

application = typer.Typer(
    help="Publish packages of modules, look at them, and put them into apps.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    epilog=(
        "Examples:\n\n`portico package publish packages/login --to registry`\n\n"
        "`portico package add login --app my-app --from registry`\n\n"
        "`portico package upgrade --app my-app --app other-app`"
    ),
)

for _module in (package_registry, package_apps):
    for _name, _command in _module.COMMANDS.items():
        application.command(name=_name, epilog=_module.EXAMPLES[_name])(_command)
