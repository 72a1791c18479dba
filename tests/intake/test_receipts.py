"""Receipt codes: every slip of the pen is caught, every fair way of typing one is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.errors import BadCode
from intake.receipts import grouped, holds_code, is_like_code, new_code, normalise


def _code(number: int) -> str:
    return f"{number:022d}{98 - number * 100 % 97:02d}"


codes = st.builds(_code, st.integers(min_value=0, max_value=10**22 - 1))
separators = st.sampled_from(
    [
        "",
        " ",
        ".",
        "-",
        "  ",
        "\n",
        "\t",
        "–",
        "—",
        "·",
        "/",
        ",",
        ";",
        "|",
        "*",
        "\u00a0",
        "\u200b",
    ]
)


@given(code=codes)
def test_code_reads_back(code: str) -> None:
    assert normalise(code) == code
    assert normalise(grouped(code)) == code


@given(code=codes, at=st.integers(0, 23), digit=st.integers(0, 9))
def test_any_single_wrong_digit_is_caught(code: str, at: int, digit: int) -> None:
    typo = code[:at] + str(digit) + code[at + 1 :]
    if typo == code:
        assert normalise(typo) == code
    else:
        with pytest.raises(BadCode):
            normalise(typo)


@given(code=codes, at=st.integers(0, 22))
def test_any_two_neighbours_swapped_are_caught(code: str, at: int) -> None:
    swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    if swapped == code:
        assert normalise(swapped) == code
    else:
        with pytest.raises(BadCode):
            normalise(swapped)


def test_every_typo_and_swap_of_one_code_is_caught() -> None:
    code = new_code()
    typos = {code[:i] + digit + code[i + 1 :] for i in range(24) for digit in "0123456789"}
    typos |= {code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(23)}
    for typo in typos - {code}:
        with pytest.raises(BadCode):
            normalise(typo)


@given(code=codes, data=st.data())
def test_separators_do_not_matter(code: str, data: st.DataObject) -> None:
    typed = "".join(digit + data.draw(separators) for digit in code)
    assert normalise(f" {typed} ") == code


@pytest.mark.parametrize("zero", ["０", "٠", "०", "๐", "𝟎"])
def test_other_forms_of_digits_are_read(zero: str) -> None:
    code = new_code()
    assert normalise("".join(chr(ord(zero) + int(digit)) for digit in code)) == code


@pytest.mark.parametrize("letter", ["O", "o", "l", "x", "²", "①", "一", "\x00"])
def test_anything_but_digits_and_separators_is_refused(letter: str) -> None:
    code = new_code()
    with pytest.raises(BadCode):
        normalise(code + letter)
    with pytest.raises(BadCode):
        normalise(letter + code[1:])


@pytest.mark.parametrize("length", [0, 1, 22, 23, 25, 48])
def test_other_lengths_are_refused(length: int) -> None:
    with pytest.raises(BadCode):
        normalise((new_code() * 2)[:length])


def test_endless_input_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadCode):
        normalise(new_code() + " " * 1_000_000)


def test_check_digits_that_no_code_has_are_refused() -> None:
    # 99 leaves the same remainder as 02, and 00 as 97
    code = next(code for code in map(_code, range(1000)) if code.endswith("02"))
    with pytest.raises(BadCode):
        normalise(code[:22] + "99")


def test_refusal_repeats_nothing_typed() -> None:
    with pytest.raises(BadCode) as refused:
        normalise("1234 my phone")
    assert str(refused.value) == ""


def test_codes_have_six_groups_of_four_and_do_not_repeat() -> None:
    made = {new_code() for _ in range(200)}
    assert len(made) == 200
    assert all([len(group) for group in grouped(code).split()] == [4] * 6 for code in made)
    assert all(2 <= int(code[22:]) <= 98 and int(code) % 97 == 1 for code in made)


# --- codes in what people write -------------------------------------------------------------------


@given(
    st.text(max_size=40),
    st.text(max_size=40),
    st.sampled_from(["", " ", "-", ". ", " – ", "_", " / "]),
)
def test_a_code_is_found_wherever_it_stands(before: str, after: str, gap: str) -> None:
    code = gap.join(grouped(new_code()).split())
    assert holds_code(f"{before}\n\n\n\n{code}\n\n\n\n{after}")
    assert holds_code(f"mã của tôi là {code}, xin xem giúp")


@pytest.mark.parametrize(
    "text",
    [
        "gọi 0912345678, 0912345679, 0912345670 đều có người bắt máy",
        "số nhà 12, 14, 16 ngõ 3; xe 15B-123.45 và 15B-678.90",
        "chuyển vào 19036789012345 rồi 19036789012346",
        "1" * 8000,
        "1 " * 4000,
    ],
)
def test_telephones_houses_and_accounts_are_no_codes(text: str) -> None:
    assert not holds_code(text)
    assert not is_like_code(text)


def test_a_code_with_a_slip_of_the_pen_is_still_like_one() -> None:
    code = grouped(new_code())
    for typed in (code, code[:-1], code + "7", f" {code}. "):
        assert is_like_code(typed)
        assert holds_code(typed)
    assert not any(is_like_code(typed) for typed in ("", "0912345678", f"mã {code}", code * 2))
