"""`homthu demo` says in one sentence what is wrong with a port."""

import pytest
from typer.testing import CliRunner

from homthu import app


@pytest.mark.parametrize("option", ["--public-port", "--officer-port"])
@pytest.mark.parametrize("port", ["99999", "0", "-1", "x"])
def test_a_port_that_there_is_not_is_refused_without_a_traceback(option: str, port: str) -> None:
    result = CliRunner().invoke(app, ["demo", option, port])
    assert result.exit_code == 2
    assert option in result.output
    assert "Traceback" not in result.output
