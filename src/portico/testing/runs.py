"""Takes the journeys of apps, several at once, each in a process of its own for as long as there is work."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from portico.definition import journeys as definition
from portico.model.journey import Journey, JourneyFile
from portico.testing.chromium import chromium
from portico.testing.journeys import Failure, Result, take


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """A journey that is to be taken, by the names of app, file and journey."""

    folder: Path
    file: str
    name: str

    @property
    def title(self) -> str:
        """It among all others."""
        return f"{self.folder.resolve().name} {self.file}: {self.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class How:
    """How journeys are taken: in a real browser, and where screenshots go; `trusted` are the apps whose
    Python may run."""

    browser: bool = False
    pictures: Path | None = None
    trusted: frozenset[str] = frozenset()


def jobs(folder: Path, files: Sequence[JourneyFile]) -> list[Job]:
    """All journeys of an app."""
    return [
        Job(folder=folder, file=file.path, name=journey.name) for file in files for journey in file.journeys
    ]


def run(wanted: Sequence[Job], how: How, *, at_once: int) -> Iterator[Result]:
    """Take them, and yield how each went as soon as it is known."""
    if at_once == 1 or len(wanted) == 1:
        for job in wanted:
            yield perform(job, how)
        return
    # Servers and browsers of one journey leave nothing to another.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(at_once, len(wanted)), mp_context=context) as pool:
        started: dict[Future[Result], Job] = {pool.submit(perform, job, how): job for job in wanted}
        try:
            for future in as_completed(started):
                yield _result(future, started[future])
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def perform(job: Job, how: How) -> Result:
    """Take one journey."""
    found = _find(job)
    if found is None:
        return _failed(job, "The journey went away while journeys were taken.")
    file, journey = found
    trusted = job.folder.resolve().name in how.trusted
    if not how.browser:
        return take(job.folder, file, journey, trusted=trusted)
    with chromium() as program:
        return take(
            job.folder,
            file,
            journey,
            make=lambda _: program.browser(),
            pictures=how.pictures,
            trusted=trusted,
        )


def _find(job: Job) -> tuple[JourneyFile, Journey] | None:
    """What a job names; files are read where they are used, since secrets do not travel."""
    for file in definition.load(job.folder).files:
        for journey in file.journeys if file.path == job.file else ():
            if journey.name == job.name:
                return file, journey
    return None


def _result(future: "Future[Result]", job: Job) -> Result:
    error = future.exception()
    if error is None:
        return future.result()
    return _failed(job, f"{type(error).__name__}: {error}")


def _failed(job: Job, message: str) -> Result:
    return Result(
        app=job.folder.resolve().name,
        file=job.file,
        name=job.name,
        seconds=0.0,
        steps=0,
        failure=Failure(message=message),
    )
