"""Who is believed about the servers that are called over TLS (promise 39)."""

import ssl

import certifi


def client_context(*authorities: str | None) -> ssl.SSLContext:
    """A context that verifies certificate and host name, with TLS 1.2 at least. There is no way to
    switch that off.

    `authorities` are PEMs of authorities trusted besides the system's and those of certifi.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    for authority in filter(None, authorities):
        context.load_verify_locations(cadata=authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
