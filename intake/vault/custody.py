"""Keys that no server holds: identity, oversight and the list's root, split into words on paper.

Each is a 32-byte seed cut into SLIP-39 shares for custodians. Combining compares the public key,
because SLIP-39 answers a wrong passphrase with a wrong seed and no error. This module runs offline
only and must never write a seed anywhere.
"""

from collections.abc import Iterable, Mapping
from itertools import combinations
from math import comb
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict
from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.share import ShareGroupParameters

from intake.errors import NotValid
from intake.vault.key_pairs import PublicKey, new_seed, public_key
from intake.vault.segments import RootBody, SignedSegment, sign_segment, signing_public

IDENTITY = "identity"
OVERSIGHT = "oversight"
ROOT_KEY = "root"
_MOST_SHARES = 16
_MOST_TRIES = 20_000  # some seconds; every choice among sixteen shares is 12,870 at most


class WrongShares(NotValid):
    """Shares that are too few, copied wrongly, mixed up, or of another key."""

    code = "wrong_shares"


class TooManyShares(WrongShares):
    """So many shares of one name that trying every choice of them would take too long."""

    code = "too_many_shares"


class WrongProposal(NotValid):
    """A proposed key list that swaps a custodians' key, or holds something that is no key."""

    code = "wrong_proposal"


class Sharing(NamedTuple):
    """How many shares open a key, and how many there are."""

    needed: int
    made: int

    @classmethod
    def parse(cls, written: str) -> "Sharing":
        """Read "3-of-5".

        Raises:
            NotValid: not of that form, one share that opens alone, or more than 16.
        """
        needed, of, made = written.partition("-of-")
        if not (of and needed.isdecimal() and made.isdecimal()):
            raise NotValid("shares are written like 3-of-5")
        sharing = cls(int(needed), int(made))
        if not 2 <= sharing.needed <= sharing.made <= _MOST_SHARES:
            raise NotValid("shares: at least 2 open a key, at most 16 are made")
        return sharing


IDENTITY_SHARING = Sharing(3, 5)
OTHER_SHARING = Sharing(2, 3)


class CustodyPublic(BaseModel):
    """What leaves the offline machine: public keys, in hex, and how each is shared."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    identity: str
    oversight: str
    root: str  # Ed25519
    sharing: dict[str, tuple[int, int]]
    rehearsal: bool = False

    def expected(self, key: str) -> PublicKey | bytes:
        """Return the public half that combined shares of one key must fit."""
        if key == ROOT_KEY:
            return bytes.fromhex(self.root)
        stored = self.identity if key == IDENTITY else self.oversight
        return PublicKey.from_bytes(bytes.fromhex(stored))


class Custody(NamedTuple):
    """A fresh set: what may be published, and the words for the custodians, by key."""

    public: CustodyPublic
    shares: Mapping[str, tuple[str, ...]]


def new_custody(
    identity: Sharing = IDENTITY_SHARING,
    others: Sharing = OTHER_SHARING,
    *,
    rehearsal: bool = False,
) -> Custody:
    """Make the three offline keys and their shares, and prove that the shares open them."""
    sharing = {IDENTITY: identity, OVERSIGHT: others, ROOT_KEY: others}
    seeds = {key: new_seed() for key in sharing}
    public = CustodyPublic(
        identity=public_key(seeds[IDENTITY]).to_bytes().hex(),
        oversight=public_key(seeds[OVERSIGHT]).to_bytes().hex(),
        root=signing_public(seeds[ROOT_KEY]).hex(),
        sharing={key: (how.needed, how.made) for key, how in sharing.items()},
        rehearsal=rehearsal,
    )
    shares = {key: split(seeds[key], how) for key, how in sharing.items()}
    for key, how in sharing.items():
        combine(shares[key][-how.needed :], public.expected(key))
    return Custody(public, shares)


def split(seed: bytes, sharing: Sharing, passphrase: bytes = b"") -> tuple[str, ...]:
    """Cut a seed into SLIP-39 shares of 33 words."""
    groups = [(sharing.needed, sharing.made)]
    return tuple(generate_mnemonics(1, groups, seed, passphrase, iteration_exponent=0)[0])


def check_share(mnemonic: str) -> None:
    """Check one share's own checksum, so that a slip is found while its custodian is there.

    Raises:
        WrongShares: a word that is none, a missing word, or a wrong checksum.
    """
    _share(_tidy(mnemonic))


def combine(
    mnemonics: Iterable[str], expected_public: PublicKey | bytes, passphrase: bytes = b""
) -> bytes:
    """Return the seed that the shares give, if it is the expected key's.

    More shares than needed are welcome: every choice of enough shares that name one set is tried,
    so that old ones among good ones do no harm. ``bytes`` stand for a raw Ed25519 key.

    Raises:
        WrongShares: no choice of them gives the expected key.
        TooManyShares: there are more choices than anybody would wait for.
    """
    sets: dict[ShareGroupParameters, list[str]] = {}
    for mnemonic in dict.fromkeys(_tidy(mnemonic) for mnemonic in mnemonics):
        sets.setdefault(_share(mnemonic).group_parameters(), []).append(mnemonic)
    if sum(comb(len(each), how.member_threshold) for how, each in sets.items()) > _MOST_TRIES:
        raise TooManyShares
    for how, each in sets.items():
        for chosen in combinations(each, how.member_threshold):
            try:
                seed = combine_mnemonics(chosen, passphrase)
            except MnemonicError:
                continue
            if _fits(seed, expected_public):
                return seed
    raise WrongShares


def check_proposal(public: CustodyPublic, body: RootBody) -> None:
    """Check that a proposed root segment keeps the custodians' keys and holds readable ones.

    Raises:
        WrongProposal: it does not.
    """
    if (body.identity, body.oversight) != (public.identity, public.oversight):
        raise WrongProposal("the proposal names another identity or oversight key")
    keys = [body.gate, body.relay, *(unit.public_key for unit in body.units)]
    try:
        for key in keys:
            PublicKey.from_bytes(bytes.fromhex(key))
        signing = [bytes.fromhex(signer.public_key) for signer in body.signers]
    except ValueError:
        raise WrongProposal("the proposal holds something that is no key") from None
    if any(len(key) != 32 for key in signing):
        raise WrongProposal("the proposal holds something that is no signing key")


def certify(mnemonics: Iterable[str], public: CustodyPublic, body: RootBody) -> SignedSegment:
    """Sign a proposed root segment with the root key that the shares give.

    Raises:
        WrongShares: they do not give the root key.
        WrongProposal: see :func:`check_proposal`.
    """
    check_proposal(public, body)
    return sign_segment(combine(mnemonics, public.expected(ROOT_KEY)), body)


def _tidy(mnemonic: str) -> str:
    return " ".join(mnemonic.casefold().split())


def _share(mnemonic: str) -> Share:
    try:
        return Share.from_mnemonic(mnemonic)
    except (MnemonicError, ValueError):
        raise WrongShares from None


def _fits(seed: bytes, expected: PublicKey | bytes) -> bool:
    if isinstance(expected, bytes):
        return len(seed) == 32 and signing_public(seed) == expected
    return len(seed) == 32 and public_key(seed, expected.suite) == expected
