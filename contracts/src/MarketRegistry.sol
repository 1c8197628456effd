// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IMarketRegistry} from "./interfaces/IMarketRegistry.sol";
import {DebtTerms, Route, Terms} from "./types/Types.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Rules of the markets on this chain: terms, routes, auctioneers, caps and pause.
/// @notice Terms are versioned and never overwritten, so an open order keeps the rules it was opened under. The rules
/// that a landing reads are also kept together in a snapshot: the code of a contract without functions, written anew
/// with every change. Reading a snapshot costs a landing 20,000 gas less than reading as many storage slots.
contract MarketRegistry is IMarketRegistry, AccessManaged {
    uint256 private constant BPS = 10_000;
    uint256 private constant SIGNATURE_BYTES = 65;
    uint256 private constant NOT_LISTED = type(uint256).max;
    uint256 private constant TERMS_WORDS = 22;
    uint256 private constant DEBT_TERMS_WORDS = 5;
    /// @notice Most auctioneers of one market: each signature of a certificate costs an ecrecover at landing.
    uint256 public constant MAX_AUCTIONEERS = 16;
    /// @notice Most seconds that quote and landing windows take together: bonds that quotes count on stay for as long.
    uint256 public constant MAX_PROMISE = 1 hours;
    /// @notice Most collateral tokens and most debt tokens of one market, so that its snapshot stays small.
    uint256 public constant MAX_TOKENS = 32;

    struct Council {
        address[] members;
        uint8 threshold;
    }

    /// @dev What every landing reads first, in one slot.
    struct MarketStatus {
        uint32 version; // of the terms in force; 0: no such market
        bool paused;
        address snapshot;
        uint48 freshFrom; // Unix ms: see `landingRules`
    }

    /// @dev A market's tokens; what they may do is in their mappings.
    struct Listed {
        address[] collaterals;
        address[] debts;
    }

    mapping(bytes32 market => MarketStatus) private _status;
    mapping(bytes32 market => mapping(uint32 version => Terms)) private _terms;
    mapping(bytes32 market => mapping(address debt => DebtTerms)) private _debtTerms;
    /// @dev Each the code of a contract without any function, as a market's snapshot.
    mapping(bytes32 market => mapping(address debt => mapping(uint32 payDomain => address))) private _routes;
    mapping(bytes32 market => Council) private _councils;
    mapping(bytes32 market => Listed) private _listed;
    mapping(bytes32 market => mapping(address account => bool)) public isAuctioneer;
    mapping(bytes32 market => mapping(address collateral => bool)) public isCollateral;

    event TermsSet(bytes32 indexed market, uint32 indexed version, Terms terms);
    event DebtTermsSet(bytes32 indexed market, address indexed debt, DebtTerms terms);
    event RouteSet(bytes32 indexed market, address indexed debt, uint32 indexed payDomain, Route route);
    event AuctioneersSet(bytes32 indexed market, address[] members, uint8 threshold);
    event CollateralSet(bytes32 indexed market, address indexed collateral, bool allowed);
    event PausedSet(bytes32 indexed market, bool paused);

    error UnknownMarket(bytes32 market);
    error ZeroAddress();
    error BpsOutOfRange(uint256 got);
    error ZeroWindow();
    error PromiseTooLong(uint256 got, uint256 most);
    error TrialGasOutOfRange(uint256 got);
    error AuctioneersNotAscending(address previous, address next);
    error ThresholdOutOfRange(uint256 threshold, uint256 members);
    error DecimalsOutOfRange(uint256 got);
    error TooManyTokens(uint256 most);
    error Paused(bytes32 market);
    error CollateralNotAllowed(address collateral);
    error DebtNotServed(address debt);
    error VaultIsFixed(address vault);
    error CapNotLower(uint256 current, uint256 got);
    error WrongSignatureCount(uint256 length, uint256 threshold);
    error NotAuctioneer(address signer);
    error SignersNotAscending(address previous, address next);

    constructor(address authority) AccessManaged(authority) {}

    /// @notice Publishes a new version of a market's rules. Restricted, delayed by the access manager.
    function setTerms(bytes32 market, Terms calldata newTerms) external restricted {
        if (newTerms.adapter == address(0) || newTerms.treasury == address(0)) revert ZeroAddress();
        _requireBps(newTerms.borrowerBps);
        _requireBps(newTerms.minPartBps);
        _requireBps(newTerms.stressBps);
        _requireBps(newTerms.maxAskBps);
        _requireBps(newTerms.floorBps);
        _requireBps(newTerms.minLotBps);
        _requireBps(newTerms.lateBountyBps);
        _requireBps(newTerms.bonusBps);
        _requireBps(newTerms.fadeBps);
        if (
            newTerms.slot == 0 || newTerms.quoteWindow == 0 || newTerms.landingWindow == 0 || newTerms.exclusivity == 0
                || newTerms.fillWindow == 0 || newTerms.proofWindow == 0 || newTerms.auctionLength == 0
                || newTerms.takeDelay == 0
        ) revert ZeroWindow();
        uint256 promised = Math.ceilDiv(newTerms.quoteWindow, 1000) + newTerms.landingWindow;
        if (promised > MAX_PROMISE) revert PromiseTooLong(promised, MAX_PROMISE);
        // Below 200k no lending protocol liquidates; above 10M a landing no longer fits comfortably into a block.
        if (newTerms.trialGas < 200_000 || newTerms.trialGas > 10_000_000) {
            revert TrialGasOutOfRange(newTerms.trialGas);
        }
        _age(market);
        uint32 version = ++_status[market].version;
        _terms[market][version] = newTerms;
        _writeSnapshot(market);
        emit TermsSet(market, version, newTerms);
    }

    /// @notice Sets the vault, keeper fee and caps of a debt token. Restricted.
    /// @dev The vault is set once: open orders settle with the vault that fronted them. Caps of zero stop new landings.
    function setDebtTerms(bytes32 market, address debt, DebtTerms calldata newTerms) external restricted {
        if (debt == address(0)) revert ZeroAddress();
        address vault = _debtTerms[market][debt].vault;
        if (vault != address(0) && newTerms.vault != vault) revert VaultIsFixed(vault);
        if (vault == address(0)) _list(_listed[market].debts, debt);
        _debtTerms[market][debt] = newTerms;
        _age(market);
        _writeSnapshot(market);
        emit DebtTermsSet(market, debt, newTerms);
    }

    /// @notice Sets how debt is paid from another domain. Restricted.
    function setRoute(bytes32 market, address debt, uint32 payDomain, Route calldata newRoute) external restricted {
        if (newRoute.enabled) {
            if (newRoute.payEscrow == address(0) || newRoute.payToken == address(0) || newRoute.treasury == address(0)) revert ZeroAddress();
            if (newRoute.payDecimals > 36) revert DecimalsOutOfRange(newRoute.payDecimals);
        }
        _requireBps(newRoute.feeBps);
        _requireBps(newRoute.handicapBps);
        _age(market);
        _routes[market][debt][payDomain] = _write(abi.encode(newRoute));
        emit RouteSet(market, debt, payDomain, newRoute);
    }

    /// @notice Replaces a market's auctioneers. Restricted.
    /// @param members Ascending, without repeats, at most `MAX_AUCTIONEERS`.
    /// @param threshold k of k-of-n; more than half of n, so that no two disjoint groups can both certify.
    function setAuctioneers(bytes32 market, address[] calldata members, uint8 threshold) external restricted {
        uint256 n = members.length;
        if (n > MAX_AUCTIONEERS || threshold > n || 2 * uint256(threshold) <= n) {
            revert ThresholdOutOfRange(threshold, n);
        }
        Council storage council = _councils[market];
        for (uint256 i; i < council.members.length; ++i) {
            isAuctioneer[market][council.members[i]] = false;
        }
        address previous;
        for (uint256 i; i < n; ++i) {
            if (members[i] <= previous) revert AuctioneersNotAscending(previous, members[i]);
            previous = members[i];
            isAuctioneer[market][previous] = true;
        }
        council.members = members;
        council.threshold = threshold;
        _writeSnapshot(market);
        emit AuctioneersSet(market, members, threshold);
    }

    /// @notice Allows or disallows a collateral token. Restricted.
    function setCollateral(bytes32 market, address collateral, bool allowed) external restricted {
        if (collateral == address(0)) revert ZeroAddress();
        if (allowed != isCollateral[market][collateral]) {
            if (allowed) _list(_listed[market].collaterals, collateral);
            else _unlist(_listed[market].collaterals, collateral);
        }
        isCollateral[market][collateral] = allowed;
        _writeSnapshot(market);
        emit CollateralSet(market, collateral, allowed);
    }

    /// @notice Lowers a debt token's caps, never raises one; the guardian's, without delay. Restricted.
    /// @param capPrincipal Most open principal, debt units.
    /// @param capRepaid Most repaid per rolling window, debt units.
    function lowerCaps(bytes32 market, address debt, uint128 capPrincipal, uint128 capRepaid) external restricted {
        DebtTerms storage current = _debtTerms[market][debt];
        if (current.vault == address(0)) revert DebtNotServed(debt);
        if (capPrincipal > current.capPrincipal) revert CapNotLower(current.capPrincipal, capPrincipal);
        if (capRepaid > current.capRepaid) revert CapNotLower(current.capRepaid, capRepaid);
        current.capPrincipal = capPrincipal;
        current.capRepaid = capRepaid;
        _writeSnapshot(market);
        emit DebtTermsSet(market, debt, current);
    }

    /// @notice Stops new landings and flags of a market, and nothing else. The guardian's, without delay. Restricted.
    function pause(bytes32 market) external restricted {
        _status[market].paused = true;
        emit PausedSet(market, true);
    }

    /// @notice Resumes landings and flags of a market. Restricted.
    function unpause(bytes32 market) external restricted {
        _status[market].paused = false;
        emit PausedSet(market, false);
    }

    /// @notice Whether new landings and flags of a market are stopped.
    function isPaused(bytes32 market) external view returns (bool) {
        return _status[market].paused;
    }

    /// @notice The rules in force and their version.
    function terms(bytes32 market) external view returns (Terms memory current, uint32 version) {
        version = _status[market].version;
        if (version == 0) revert UnknownMarket(market);
        current = _terms[market][version];
    }

    /// @notice Returns the rules that a landing of this pair must obey now. Reverts if the market is paused or does not
    /// serve the pair.
    /// @return current The terms in force.
    /// @return version Their version.
    /// @return forDebt The debt token's.
    /// @return freshFrom Unix milliseconds. Quotes on intents with an earlier `quoteBy` were promised under other
    /// rules.
    function landingRules(bytes32 market, address collateral, address debt)
        external
        view
        returns (Terms memory current, uint32 version, DebtTerms memory forDebt, uint64 freshFrom)
    {
        MarketStatus memory status = _status[market];
        if (status.paused) revert Paused(market);
        (version, freshFrom) = (status.version, status.freshFrom);
        if (version == 0) revert UnknownMarket(market);
        bytes memory snapshot = Clones.fetchCloneArgs(status.snapshot);
        (uint256 rules, uint256 forDebtAt) = _placesOf(snapshot, collateral, debt);
        // The snapshot holds the words of the answer as they are returned. Decoding and encoding them would cost more
        // gas than the rest of the call.
        assembly ("memory-safe") {
            let words := add(snapshot, 32)
            let answer := mload(0x40)
            mcopy(answer, add(words, shl(5, rules)), mul(32, TERMS_WORDS))
            mstore(add(answer, mul(32, TERMS_WORDS)), version)
            let rest := add(answer, mul(32, add(TERMS_WORDS, 1)))
            mcopy(rest, add(words, shl(5, forDebtAt)), mul(32, DEBT_TERMS_WORDS))
            mstore(add(rest, mul(32, DEBT_TERMS_WORDS)), freshFrom)
            return(answer, mul(32, add(add(TERMS_WORDS, 2), DEBT_TERMS_WORDS)))
        }
    }

    /// @notice Reverts unless exactly k distinct auctioneers of the market signed `award`.
    /// @param award The award's EIP-712 digest.
    /// @param signatures k × 65 bytes, ascending by signer, so that one comparison finds a repeated signer.
    function verifyCertificate(bytes32 market, bytes32 award, bytes calldata signatures) external view {
        address at = _status[market].snapshot;
        if (at == address(0)) revert WrongSignatureCount(signatures.length, 0);
        bytes memory snapshot = Clones.fetchCloneArgs(at);
        uint256 threshold = _word(snapshot, 0);
        if (threshold == 0 || signatures.length != threshold * SIGNATURE_BYTES) {
            revert WrongSignatureCount(signatures.length, threshold);
        }
        address previous;
        for (uint256 i; i < threshold; ++i) {
            address signer = ECDSA.recoverCalldata(award, signatures[i * SIGNATURE_BYTES:(i + 1) * SIGNATURE_BYTES]);
            if (signer <= previous) revert SignersNotAscending(previous, signer);
            if (_find(snapshot, 2, _word(snapshot, 1), 1, signer) == NOT_LISTED) revert NotAuctioneer(signer);
            previous = signer;
        }
    }

    /// @notice The rules of one version.
    function termsAt(bytes32 market, uint32 version) external view returns (Terms memory) {
        if (version == 0 || version > _status[market].version) revert UnknownMarket(market);
        return _terms[market][version];
    }

    /// @notice How the surplus of an order opened under `version` is split.
    function splitAt(bytes32 market, uint32 version) external view returns (address treasury, uint16 borrowerBps) {
        Terms storage rules = _terms[market][version];
        return (rules.treasury, rules.borrowerBps);
    }

    /// @notice The fixed bounty of a late filler or a buyer, for an order opened under `version`: basis points of its
    /// repaid amount.
    function bountyBpsAt(bytes32 market, uint32 version) external view returns (uint16) {
        return _terms[market][version].lateBountyBps;
    }

    /// @notice The vault that fronts a debt token; zero when the token is not served.
    function vaultOf(bytes32 market, address debt) external view returns (address) {
        return _debtTerms[market][debt].vault;
    }

    /// @notice Vault, keeper fee and caps of a debt token; all zero when the token is not served.
    function debtTerms(bytes32 market, address debt) external view returns (DebtTerms memory) {
        return _debtTerms[market][debt];
    }

    /// @notice The route for payments from `payDomain`; disabled when never set.
    function route(bytes32 market, address debt, uint32 payDomain) external view returns (Route memory found) {
        address at = _routes[market][debt][payDomain];
        if (at != address(0)) found = abi.decode(Clones.fetchCloneArgs(at), (Route));
    }

    /// @notice The auctioneers, ascending, and how many of them must sign.
    function auctioneers(bytes32 market) external view returns (address[] memory members, uint8 threshold) {
        Council storage council = _councils[market];
        return (council.members, council.threshold);
    }

    /// @dev Voids the promises made under the current rules. Intents observed until now have a `quoteBy` at most one
    /// quote window ahead.
    function _age(bytes32 market) private {
        MarketStatus storage status = _status[market];
        uint256 from = block.timestamp * 1000 + _terms[market][status.version].quoteWindow;
        if (from > status.freshFrom) status.freshFrom = uint48(from); // never sooner: windows may have become shorter
    }

    /// @dev Puts a market's rules in force for landings: all of them, also the unchanged. In words: threshold; number
    /// of auctioneers, and each; terms; number of collaterals, and each; number of debts, and each with its terms.
    function _writeSnapshot(bytes32 market) private {
        Council storage council = _councils[market];
        Listed storage listed = _listed[market];
        bytes memory snapshot = bytes.concat(
            abi.encode(council.threshold, council.members.length),
            abi.encodePacked(council.members),
            abi.encode(_terms[market][_status[market].version]),
            abi.encode(listed.collaterals.length),
            abi.encodePacked(listed.collaterals),
            abi.encode(listed.debts.length)
        );
        for (uint256 i; i < listed.debts.length; ++i) {
            snapshot = bytes.concat(snapshot, abi.encode(listed.debts[i], _debtTerms[market][listed.debts[i]]));
        }
        _status[market].snapshot = _write(snapshot);
    }

    /// @dev Makes a clone of nothing: a contract that holds its arguments and does nothing when called.
    function _write(bytes memory words) private returns (address) {
        return Clones.cloneWithImmutableArgs(address(0), words);
    }

    /// @dev Where a snapshot holds the terms, and a debt token's; reverts unless the market serves the pair.
    function _placesOf(bytes memory snapshot, address collateral, address debt)
        private
        pure
        returns (uint256 rules, uint256 forDebt)
    {
        rules = 2 + _word(snapshot, 1);
        uint256 collateralsAt = rules + TERMS_WORDS;
        uint256 collaterals = _word(snapshot, collateralsAt);
        if (collateral == debt || _find(snapshot, collateralsAt + 1, collaterals, 1, collateral) == NOT_LISTED) {
            revert CollateralNotAllowed(collateral);
        }
        uint256 debtsAt = collateralsAt + 1 + collaterals;
        uint256 found = _find(snapshot, debtsAt + 1, _word(snapshot, debtsAt), 1 + DEBT_TERMS_WORDS, debt);
        if (found == NOT_LISTED || _word(snapshot, found + 1) == 0) revert DebtNotServed(debt);
        forDebt = found + 1;
    }

    function _word(bytes memory snapshot, uint256 index) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(snapshot, 32), shl(5, index)))
        }
    }

    /// @dev Where a token or account is among `count` entries of `size` words.
    function _find(bytes memory snapshot, uint256 at, uint256 count, uint256 size, address subject)
        private
        pure
        returns (uint256)
    {
        for (uint256 end = at + count * size; at < end; at += size) {
            if (_word(snapshot, at) == uint160(subject)) return at;
        }
        return NOT_LISTED;
    }

    function _list(address[] storage tokens, address token) private {
        if (_indexOf(tokens, token) != NOT_LISTED) return;
        if (tokens.length == MAX_TOKENS) revert TooManyTokens(MAX_TOKENS);
        tokens.push(token);
    }

    function _unlist(address[] storage tokens, address token) private {
        tokens[_indexOf(tokens, token)] = tokens[tokens.length - 1];
        tokens.pop();
    }

    function _indexOf(address[] memory tokens, address token) private pure returns (uint256) {
        for (uint256 i; i < tokens.length; ++i) {
            if (tokens[i] == token) return i;
        }
        return NOT_LISTED;
    }

    function _requireBps(uint256 value) private pure {
        if (value > BPS) revert BpsOutOfRange(value);
    }
}
