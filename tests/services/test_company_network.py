"""A real account is reached as a company reaches AWS: through its proxy, under its CA, at its VPC endpoints."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services import notebooks, quotas
from services.cloud import Account, AccountKind, Cloud
from services.errors import NotConnected
from tests.support import company_network
from tests.support.company_network import Authority, Proxy
from tests.support.ports import free_port
from tests.support.practice_account import REGION
from tests.support.practice_account import Account as Practice
from tests.support.real_accounts import aws_files, cloud_at, configured, connected, profile_lines

TOML = '[accounts.prod]\nprofile = "prod"\n'


@dataclass(frozen=True, slots=True)
class Network:
    """The account's own address, over TLS: only the proxy knows the way there."""

    proxy: Proxy
    authority: Authority
    address: str
    tls_port: int


@pytest.fixture
def network(shared_practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    for name in ("NO_PROXY", "no_proxy", "http_proxy", "https_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    inside = ("127.0.0.1", urlsplit(shared_practice.url).port or 0)
    authority = company_network.make_authority(tmp_path, "company")
    with company_network.proxy() as proxy, company_network.tls(authority, inside) as port:
        proxy.routes[f"127.0.0.1:{inside[1]}"] = ("127.0.0.1", port)
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        address = f"https://127.0.0.1:{inside[1]}"
        with aws_files(tmp_path, profile_lines("prod", shared_practice, endpoint_url=address)):
            yield Network(proxy, authority, address, port)


def account(tmp_path: Path) -> Account:
    return connected(configured(tmp_path, TOML), "prod")


def test_through_the_proxy_under_the_companys_own_ca(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(network.authority.ca))
    cloud = cloud_at(account(tmp_path))
    assert cloud.account.kind is AccountKind.REAL
    assert notebooks.list_notebooks(cloud) is not None
    assert set(network.proxy.asked) == {f"CONNECT {network.address.removeprefix('https://')}"}


def test_a_ca_that_is_not_known_is_said_to_be_the_trouble(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = company_network.make_authority(tmp_path, "foreign")
    for bundle in (None, str(foreign.ca)):
        if bundle:
            monkeypatch.setenv("AWS_CA_BUNDLE", bundle)
        with pytest.raises(NotConnected) as caught:
            account(tmp_path)
        assert caught.value.code == "SSLError"
        assert "AWS_CA_BUNDLE" in caught.value.remedy


def test_a_proxy_that_is_not_there_is_said_to_be_the_trouble(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://kim:canary@127.0.0.1:{free_port()}")
    with pytest.raises(NotConnected) as caught:
        account(tmp_path)
    assert caught.value.code == "ProxyConnectionError"
    assert "HTTPS_PROXY" in caught.value.remedy
    assert "canary" not in caught.value.message


def test_what_no_proxy_names_is_reached_directly(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared_practice: Practice
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with aws_files(tmp_path, profile_lines("prod", shared_practice)):
        assert notebooks.list_notebooks(cloud_at(account(tmp_path))) is not None
    assert network.proxy.asked == []


def test_the_practice_account_is_never_asked_for_through_a_proxy(
    network: Network, shared_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", network.proxy.url)
    # Another account, so that its clients are made here.
    fresh = Cloud(shared_cloud.account, "eu-west-3")
    assert notebooks.list_notebooks(fresh) is not None
    assert network.proxy.asked == []


def test_every_service_may_have_an_address_of_its_own(shared_practice: Practice, tmp_path: Path) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    toml = TOML + f'endpoint_url = "{shared_practice.url}"\nendpoint_urls = {{ "service-quotas" = "{nowhere}" }}\n'
    with aws_files(tmp_path, profile_lines("prod", shared_practice, endpoint_url=nowhere)):
        cloud = Cloud(connected(configured(tmp_path, toml), "prod"), REGION)
        assert notebooks.list_notebooks(cloud) is not None
        with pytest.raises(NotConnected):
            quotas.applied_limits(cloud)
