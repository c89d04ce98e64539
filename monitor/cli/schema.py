"""Print the JSON Schema of the configuration, for editors."""

import json

import click


@click.command()
def command() -> None:
    """Print the JSON Schema of the configuration, for editors.

    Save it and name it in the first line of weir.yaml: # yaml-language-server: $schema=weir.schema.json
    """
    from monitor import config

    click.echo(json.dumps(config.schema(), indent=2, ensure_ascii=False))
