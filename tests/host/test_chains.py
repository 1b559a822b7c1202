"""Which chain, whose keys: an external signer signs for the host, and what does not fit is refused at the start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.keys import derive_key
from host.economy import claims
from host.errors import MallError
from host.kernel import open_kernel
from tests.contracts.remote_signer import Signing, signs_with
from tests.economy.conftest import HERE, LIVE, add_pool, address, request
from tests.hosting import config

OPERATOR, TREASURY = (
    derive_key(b"tests of host.chains, no secret".ljust(32), name) for name in ("operator", "treasury")
)


@pytest.fixture
def signing() -> Iterator[Signing]:
    made = Signing()
    made.answer = signs_with(OPERATOR, TREASURY)
    yield made
    made.close()


def test_an_external_signer_signs_deployment_funding_and_settlement(signing: Signing, tmp_path: Path) -> None:
    external = config(
        tmp_path / "data",
        signer_url=signing.url,
        operator_address=OPERATOR.address,
        treasury_address=TREASURY.address,
    )
    with open_kernel(external) as kernel:
        status = kernel.commands.run("chain_status", {})
        assert (status["operator"], status["treasury"]) == (OPERATOR.address, TREASURY.address)
        kernel.write(lambda tx: add_pool(tx, 1))
        kernel.commands.run("fund", {"pool": 1, "amount": "9"})
        kernel.write(lambda tx: claims.file(tx, request(1, player=1, address=address(1)), HERE))
        assert kernel.commands.run("settle", {})["now"] == "idle"
        assert int(kernel.deployment.live.call(kernel.chain, "balanceOf", address(1))) == 3 * LIVE
        signing.answer = lambda asked: {"id": asked["id"], "error": {"message": "denied by the person"}}
        with pytest.raises(MallError) as refused:
            kernel.commands.run("pay", {"to": address(2), "amount": "1", "key": "once"})
        assert refused.value.code == "signer.refused"
        signing.answer = signs_with(OPERATOR, TREASURY)
        kernel.commands.run("pay", {"to": address(2), "amount": "1", "key": "once"})
        assert int(kernel.deployment.live.call(kernel.chain, "balanceOf", address(2))) == LIVE


def test_a_host_that_is_not_the_vaults_operator_does_not_start(tmp_path: Path, signing: Signing) -> None:
    with open_kernel(config(tmp_path / "data")):
        pass
    with (
        pytest.raises(MallError) as refused,
        open_kernel(config(tmp_path / "data", signer_url=signing.url, operator_address=OPERATOR.address)),
    ):
        pass
    assert refused.value.code in ("chain.not_operator", "chain.deploy_failed", "chain.nonce")


def test_an_address_without_a_signer_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(MallError) as refused,
        open_kernel(config(tmp_path / "data", operator_address=OPERATOR.address)),
    ):
        pass
    assert refused.value.code == "config.bad_value"


def test_a_master_secret_with_a_password_opens_with_it_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contracts.keystore.SCRYPT_N", 1 << 12)
    with open_kernel(config(tmp_path / "data")) as kernel:
        treasury = kernel.treasury
    password = tmp_path / "password"
    password.write_text("open sesame\n")
    password.chmod(0o600)
    with open_kernel(config(tmp_path / "data", key_password_file=str(password))) as kernel:
        assert kernel.treasury == treasury
    with pytest.raises(MallError) as refused, open_kernel(config(tmp_path / "data")):
        pass
    assert refused.value.code == "key.no_password"
    password.write_text("another\n")
    with (
        pytest.raises(MallError) as refused,
        open_kernel(config(tmp_path / "data", key_password_file=str(password))),
    ):
        pass
    assert refused.value.code == "keystore.wrong_password"
    assert "another" not in str(refused.value)
