"""Several endpoints as one: asks them in turn, compares what must be equal, drops the one that contradicts."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from contracts.errors import ChainError, ChainRevert
from contracts.rpc.endpoint import Endpoint, EndpointState
from contracts.rpc.faults import EndpointFault, Moved, Refused, Unknown, Unreachable

T = TypeVar("T")
Question = Callable[[Endpoint], T]

WITNESSES: Final = 2
"""How many endpoints must say the same of what is final, where as many answer."""


class Pool:
    """The endpoints in the operator's order of preference."""

    def __init__(
        self,
        urls: Sequence[str],
        chain_id: int,
        *,
        timeout: float,
        quorum: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Opens nothing yet. `quorum` is how many must say the same of what is final, even if others are down.

        Raises ChainError `chain.bad_endpoint`.
        """
        if not urls or len(set(urls)) != len(urls) or not 1 <= quorum <= len(urls):
            raise ChainError(
                "chain.bad_endpoint",
                "name at least one endpoint, each once, and a quorum of 1 to as many",
                endpoints=len(urls), quorum=quorum,
            )  # fmt: skip
        self._endpoints = [Endpoint(url, chain_id, timeout=timeout, clock=clock) for url in urls]
        self._quorum = quorum

    def close(self) -> None:
        """Closes all connections."""
        for endpoint in self._endpoints:
            endpoint.close()

    def states(self) -> tuple[EndpointState, ...]:
        """How each endpoint does, in order of preference."""
        return tuple(endpoint.state for endpoint in self._endpoints)

    def alarms(self) -> list[ChainError]:
        """What an operator must know about the endpoints."""
        return [alarm for endpoint in self._endpoints if (alarm := endpoint.alarm()) is not None]

    def _order(self) -> list[Endpoint]:
        # Those that failed lately come last and not never: alone, an endpoint is asked again at once.
        believed = [endpoint for endpoint in self._endpoints if endpoint.believed]
        return sorted(believed, key=lambda endpoint: endpoint.resting)

    def first(self, question: Question[T]) -> T:
        """The first usable answer. Raises ChainError `chain.unreachable`, `chain.refused`, and ChainRevert as the
        question does."""
        faults: list[tuple[Endpoint, EndpointFault]] = []
        for endpoint in self._order():
            try:
                return self._asked(endpoint, question)
            except EndpointFault as fault:
                faults.append((endpoint, fault))
        raise self._nobody(faults)

    def each(self, question: Question[T]) -> list[tuple[Endpoint, T]]:
        """The usable answers of all that are not resting, or of the resting ones when there is no other.

        Raises ChainError as `first` does when there is none.
        """
        answers: list[tuple[Endpoint, T]] = []
        faults: list[tuple[Endpoint, EndpointFault]] = []
        for endpoint in self._order():
            if answers and endpoint.resting:
                break
            try:
                answers.append((endpoint, self._asked(endpoint, question)))
            except EndpointFault as fault:
                faults.append((endpoint, fault))
        if not answers:
            raise self._nobody(faults)
        return answers

    def agreed(self, question: Question[T], what: str) -> T:
        """The answer to a question that all honest endpoints answer equally or not at all.

        Two are asked; when they differ, all are, the minority is dropped, and its name is in `alarms`. Raises
        ChainError `chain.disagreement` when neither side is the larger, `chain.no_quorum` when fewer answer than the
        operator demands, and as `first` does.
        """
        answers: list[tuple[Endpoint, T | ChainRevert]] = []
        faults: list[tuple[Endpoint, EndpointFault]] = []
        wanted = max(WITNESSES, self._quorum)
        for endpoint in self._order():
            same = len({_key(answer) for _, answer in answers}) == 1
            if same and len(answers) >= wanted:
                break
            if same and len(answers) >= self._quorum and endpoint.resting:
                continue
            try:
                answers.append((endpoint, self._asked(endpoint, question)))
            except ChainRevert as refusal:
                answers.append((endpoint, refusal))
            except EndpointFault as fault:
                faults.append((endpoint, fault))
        if not answers:
            raise self._nobody(faults)
        found = self._majority(answers, what)
        if isinstance(found, ChainRevert):
            raise found
        return found

    def _majority(self, answers: list[tuple[Endpoint, T | ChainRevert]], what: str) -> T | ChainRevert:
        votes = Counter(_key(answer) for _, answer in answers)
        winner, count = votes.most_common(1)[0]
        if 2 * count <= len(answers):
            names = ", ".join(endpoint.name for endpoint, _ in answers)
            raise ChainError(
                "chain.disagreement",
                f"{names} contradict each other about {what}, and no side is the larger: find out which one lies and "
                "take it out of the configuration, or add a third endpoint",
                endpoints=[endpoint.name for endpoint, _ in answers], about=what,
            )  # fmt: skip
        for endpoint, answer in answers:
            if _key(answer) != winner:
                endpoint.drop(f"it contradicts the other endpoints about {what}")
        if count < self._quorum:
            raise ChainError(
                "chain.no_quorum",
                f"{self._quorum} endpoints must say the same about {what}, {count} did: start the others, or lower "
                "the quorum",
                quorum=self._quorum, agreed=count,
            )  # fmt: skip
        return next(answer for _, answer in answers if _key(answer) == winner)

    def _asked(self, endpoint: Endpoint, question: Question[T]) -> T:
        try:
            answer = question(endpoint)
        except (Unknown, Refused, ChainRevert):
            endpoint.answered()
            raise
        except EndpointFault as fault:
            endpoint.failed(fault)
            raise
        endpoint.answered()
        return answer

    def _nobody(self, faults: list[tuple[Endpoint, EndpointFault]]) -> ChainError:
        reasons = {endpoint.name: fault.reason for endpoint, fault in faults}
        for endpoint in self._endpoints:
            if not endpoint.believed:
                reasons[endpoint.name] = f"dropped: {endpoint.state.dropped}"
        told = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        kinds = [type(fault) for _, fault in faults]
        if all(endpoint.foreign for endpoint in self._endpoints):
            return ChainError(
                "chain.wrong_chain", f"no endpoint is of this chain, name others: {told}", endpoints=reasons
            )
        if Moved in kinds:
            return ChainError(
                "chain.reorganised",
                f"blocks changed while they were read, ask again: {told}",
                endpoints=reasons,
            )
        if Unknown in kinds:
            return ChainError("chain.no_block", f"no endpoint has it: {told}", endpoints=reasons)
        if kinds and set(kinds) == {Refused}:
            return ChainError("chain.refused", f"every endpoint refused: {told}", endpoints=reasons)
        if kinds and Unreachable not in kinds:
            return ChainError(
                "chain.bad_answer",
                f"no endpoint gave an answer that an honest one can give: {told}",
                endpoints=reasons,
            )
        return ChainError(
            "chain.unreachable", f"no endpoint answered, ask again later: {told}", endpoints=reasons
        )


def _key(answer: object) -> object:
    return (answer.error, answer.data) if isinstance(answer, ChainRevert) else answer
