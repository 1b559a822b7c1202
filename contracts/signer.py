"""Who signs: a key in this process, or an external signer behind a URL that never shows its key."""

from __future__ import annotations

import http.client
import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from contracts.address import checked_address
from contracts.errors import ChainError
from contracts.keys import recover_digest
from contracts.strange_json import read_json
from contracts.transaction import UnsignedTx
from contracts.url import connection, headers, http_url, target

MAX_ANSWER = 1 << 20
DEFAULT_TIMEOUT = 30.0


class Signer(Protocol):
    """Signs for one address. `contracts.keys.PrivateKey` and `RemoteSigner` are signers."""

    @property
    def address(self) -> str:
        """Whose signature it gives, in EIP-55 spelling."""
        ...

    def sign_transaction(self, unsigned: UnsignedTx) -> bytes:
        """The signed bytes of exactly this transaction. Raises ChainError `signer.*`."""
        ...

    def sign_typed(self, document: Mapping[str, object], digest: bytes) -> bytes:
        """65 bytes r || s || v over an EIP-712 document (`types`, `primaryType`, `domain`, `message`).

        `digest` is the document's own, so that an answer can be checked. Raises ChainError `signer.*`.
        """
        ...


class RemoteSigner:
    """Signs through JSON-RPC (eth_signTransaction, eth_signTypedData_v4), as Clef and web3signer serve it.

    Its answers are believed only when they hold exactly what was asked, signed by `address`. The URL may carry a
    password; errors name the host alone.
    """

    def __init__(self, url: str, address: str, *, timeout: float = DEFAULT_TIMEOUT) -> None:
        """`timeout` in seconds; a person may have to press a key on the other side.

        Raises ChainError `signer.bad_url`, `chain.bad_address`.
        """
        self._address = checked_address(address)
        found = http_url(url)
        if found is None:
            raise ChainError("signer.bad_url", "a signer is named by an http or https URL")
        self._url = found
        self._timeout = timeout
        self._ids = itertools.count(1)

    def __repr__(self) -> str:
        return f"RemoteSigner(of {self._address} at {self._url.hostname})"

    @property
    def address(self) -> str:
        """Whose signature it gives."""
        return self._address

    def sign_transaction(self, unsigned: UnsignedTx) -> bytes:
        """Asks for the signature, and gives the bytes when they are exactly what was asked."""
        from contracts.signing import read_signed

        wanted: dict[str, object] = {
            "from": self._address, "gas": hex(unsigned.gas), "maxFeePerGas": hex(unsigned.fee),
            "maxPriorityFeePerGas": hex(unsigned.tip), "value": hex(unsigned.value),
            "nonce": hex(unsigned.nonce), "chainId": hex(unsigned.chain_id), "data": "0x" + unsigned.data.hex(),
            "type": "0x2",
        }  # fmt: skip
        if unsigned.to is not None:
            wanted["to"] = unsigned.to
        answer = self._ask("eth_signTransaction", [wanted])
        raw = _hex(answer["raw"] if isinstance(answer, dict) and "raw" in answer else answer, "a transaction")
        try:
            found, sender = read_signed(raw)
        except ChainError as error:
            raise _lied(f"its transaction cannot be read ({error.message})") from error
        if found != unsigned or sender != self._address:
            raise _lied("it signed another transaction than it was asked to", signed_by=sender)
        return raw

    def sign_typed(self, document: Mapping[str, object], digest: bytes) -> bytes:
        """Asks for the signature, and gives it when it is this address's over `digest`."""
        signature = _hex(self._ask("eth_signTypedData_v4", [self._address, document]), "a signature")
        try:
            sender = recover_digest(digest, signature)
        except ChainError as error:
            raise _lied(f"its signature cannot be read ({error.message})") from error
        if sender != self._address:
            raise _lied("it signed another document than it was asked to", signed_by=sender)
        return signature[:64] + bytes([27 + signature[64] % 27])

    def _ask(self, method: str, params: Sequence[object]) -> Any:
        number = next(self._ids)
        body = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        try:
            answer = read_json(self._post(body.encode()))
        except (OSError, http.client.HTTPException) as error:
            raise ChainError(
                "signer.unreachable",
                f"the signer at {self._url.hostname} does not answer ({type(error).__name__}): start it, or name "
                "another",
            ) from error
        except ValueError as error:
            raise _lied("it is no JSON, or its brackets are too many or too deep") from error
        if not isinstance(answer, dict) or answer.get("id") != number:
            raise _lied("it is no answer to the question")
        if answer.get("error") is not None:
            problem = answer["error"]
            said = problem.get("message") if isinstance(problem, dict) else problem
            raise ChainError("signer.refused", f"the signer refused {method}: {str(said)[:200]}")
        return answer.get("result")

    def _post(self, body: bytes) -> bytes:
        made = connection(self._url, self._timeout)
        try:
            made.request("POST", target(self._url), body, headers(self._url))
            with made.getresponse() as response:
                answer = response.read(MAX_ANSWER + 1)
        finally:
            made.close()
        if response.status != 200 or len(answer) > MAX_ANSWER:
            raise ChainError(
                "signer.refused", f"the signer answered with status {response.status} and {len(answer)} bytes"
            )
        return answer


def _hex(answer: object, what: str) -> bytes:
    try:
        if not isinstance(answer, str) or not answer.startswith("0x"):
            raise ValueError
        return bytes.fromhex(answer[2:])
    except ValueError:
        raise _lied(f"it is not {what} in hexadecimal") from None


def _lied(what: str, **facts: object) -> ChainError:
    return ChainError("signer.wrong_answer", f"the signer's answer was not used: {what}", **facts)
