"""Runs the scripts of an app where they can reach nothing: `pool` is the way in.

`engine` holds one context, `worker` many of them in a process of its own, `pool` the processes;
`js/` is what runs inside a context. What passes between them is in `docs/design/program.md`.
"""
