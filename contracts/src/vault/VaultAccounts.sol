// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IBackstopVault} from "../interfaces/IBackstopVault.sol";
import {Lots} from "../libraries/Lots.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title The backstop vault's accounts: where each asset unit is, and which are missing. Moves no token.
/// @notice Invariant: idle + receivables + away + lots + open claims + recorded losses = deposits − redemptions + fees
/// − reimbursements paid. A loss is the part that the reserve did not cover. The reserve is counted apart and never in
/// the share price.
abstract contract VaultAccounts is IBackstopVault {
    using SafeCast for uint256;

    enum LotState {
        None,
        OnSale,
        Claiming, // sold, and what it lacked is claimed of the bond
        Closed
    }

    struct Lot {
        uint128 principal; // once sold: the open claim
        uint128 floor;
        uint64 restUntil; // Unix seconds
        uint16 place; // in the list of marked lots, from 1; 0: not in it, so marked at nothing
        LotState state;
    }

    struct Exposure {
        uint128 principal; // open
        uint128 losses; // recorded, consuming the cap
    }

    struct Route {
        uint128 away; // proven paid on the pay chain, not yet home
        uint128 writtenOff; // given up, should it come after all
        uint128 perOrder; // of each settled order's fee, to its reporter
        uint128 impaired; // of what is away: may never come
    }

    /// @notice Most lots that a redemption's price goes through; further ones count for nothing until a place is free.
    uint256 public constant MAX_MARKED_LOTS = 64;

    // Pairs share a slot: what fronting reads, what settling writes, what sales write.
    uint128 internal _idle;
    uint128 internal _requested; // the most that requested redemptions can fetch
    uint128 internal _receivables;
    uint128 internal _totalAway;
    uint128 internal _lots; // principal of unsold lots
    uint128 internal _claims; // what sold lots lack, while their bonds are undecided
    uint128 internal _reserve;
    uint128 internal _owed; // reimbursements credited
    uint128 internal _totalImpaired;
    uint256 private _recordedLosses;
    mapping(bytes32 market => Exposure) private _exposures;
    mapping(uint32 payDomain => Route) private _routes;
    mapping(bytes32 orderId => Lot) private _lotOf;
    bytes32[] private _marked;
    /// @notice What a keeper may claim for reporting orders, asset units.
    mapping(address keeper => uint256) public reimbursements;

    event SettledFromAway(bytes32 indexed market, uint32 indexed payDomain, uint256 principal, uint256 fee);
    event LotOpened(
        bytes32 indexed market, bytes32 indexed orderId, uint256 principal, uint256 floor, uint64 restUntil
    );
    event LotSettled(bytes32 indexed market, bytes32 indexed orderId);
    event LotSold(
        bytes32 indexed market, bytes32 indexed orderId, uint256 proceeds, uint256 fromReserve, uint256 claim
    );
    event ForfeitAbsorbed(bytes32 indexed market, bytes32 indexed orderId, uint256 amount, uint256 covered);
    event LossRecorded(bytes32 indexed market, bytes32 indexed orderId, uint256 loss, uint256 fromReserve);
    event WrittenOff(bytes32 indexed market, uint32 indexed payDomain, uint256 amount);
    event Impaired(uint32 indexed payDomain, uint256 amount);
    event CapRestored(bytes32 indexed market, uint256 amount);
    event ReimbursementSet(uint32 indexed payDomain, uint256 perOrder);
    event Reimbursed(uint32 indexed payDomain, address indexed keeper, uint256 amount);

    error NotAway(uint256 awaited, uint256 amount);
    error WrongLotState(bytes32 orderId, LotState state);
    error PlaceTaken(bytes32 orderId);

    /// @notice Asset units in the vault and not lent.
    function idle() external view returns (uint256) {
        return _idle;
    }

    /// @notice The most that requested redemptions can still fetch, asset units; not lent.
    function requested() external view returns (uint256) {
        return _requested;
    }

    /// @notice Asset units fronted for open orders.
    function receivables() external view returns (uint256) {
        return _receivables;
    }

    /// @notice Principal of expired orders' lots not yet sold, asset units.
    function lots() external view returns (uint256) {
        return _lots;
    }

    /// @notice What sold lots lack and their bonds may still cover, asset units.
    function openClaims() external view returns (uint256) {
        return _claims;
    }

    /// @notice Sum of `away` over all domains, asset units.
    function totalAway() external view returns (uint256) {
        return _totalAway;
    }

    /// @notice Asset units proven paid on a domain and not yet home.
    function away(uint32 payDomain) external view returns (uint256) {
        return _routes[payDomain].away;
    }

    /// @notice Asset units away from a domain that redemptions do not count, see `BackstopVault.impair`.
    function impaired(uint32 payDomain) external view returns (uint256) {
        return _routes[payDomain].impaired;
    }

    /// @notice Asset units that may still arrive from a domain: away, or given up.
    function awaited(uint32 payDomain) public view returns (uint256) {
        return uint256(_routes[payDomain].away) + _routes[payDomain].writtenOff;
    }

    /// @notice What absorbs shortfalls before depositors do, asset units.
    function reserve() external view returns (uint256) {
        return _reserve;
    }

    /// @notice All losses of depositors ever, asset units.
    function recordedLosses() external view returns (uint256) {
        return _recordedLosses;
    }

    /// @notice Recorded losses that consume a market's cap, asset units.
    function lossesOf(bytes32 market) external view returns (uint256) {
        return _exposures[market].losses;
    }

    /// @notice Asset units of a market's orders that are neither paid nor lost, unsold lots and open claims included.
    function openPrincipal(bytes32 market) external view returns (uint256) {
        return _exposures[market].principal;
    }

    /// @notice Reimbursements not yet paid, asset units.
    function reimbursementsOwed() external view returns (uint256) {
        return _owed;
    }

    /// @inheritdoc IBackstopVault
    function reimbursementOf(uint32 payDomain) external view returns (uint256 perOrder) {
        return _routes[payDomain].perOrder;
    }

    /// @notice The accounts' entry of an expired order.
    function lotOf(bytes32 orderId) external view returns (Lot memory) {
        return _lotOf[orderId];
    }

    /// @notice What all unsold lots count for in a redemption now, asset units.
    function lotMarks() public view returns (uint256 sum) {
        uint256 count = _marked.length;
        for (uint256 i; i < count; ++i) {
            Lot storage lot = _lotOf[_marked[i]];
            sum += Math.min(lot.principal, Lots.resting(lot.floor, lot.restUntil, block.timestamp));
        }
    }

    /// @notice Lists an unsold lot that came when the list was full, so that it counts in redemptions. Anyone.
    function markLot(bytes32 orderId) external {
        Lot storage lot = _lotOf[orderId];
        if (lot.state != LotState.OnSale) revert WrongLotState(orderId, lot.state);
        if (lot.place != 0 || _marked.length == MAX_MARKED_LOTS) revert PlaceTaken(orderId);
        _list(orderId, lot);
    }

    function _lend(bytes32 market, uint256 principal) internal returns (uint256 exposed) {
        uint128 amount = principal.toUint128();
        _idle -= amount;
        _receivables += amount;
        Exposure storage exposure = _exposures[market];
        exposure.principal += amount;
        return uint256(exposure.principal) + exposure.losses;
    }

    function _unlend(bytes32 market, uint256 amount) internal {
        _idle += amount.toUint128();
        _receivables -= amount.toUint128();
        _exposures[market].principal -= amount.toUint128();
    }

    function _settle(bytes32 market, uint256 principal, uint256 fees, uint32 payDomain, Reward calldata reward)
        internal
    {
        _receivables -= principal.toUint128();
        _sendAway(market, principal, fees, payDomain, reward);
    }

    function _sendAway(bytes32 market, uint256 principal, uint256 fees, uint32 payDomain, Reward calldata reward)
        private
    {
        _exposures[market].principal -= principal.toUint128();
        uint128 amount = (principal + fees).toUint128();
        _totalAway += amount;
        _routes[payDomain].away += amount;
        if (reward.amount != 0) {
            _owed += reward.amount.toUint128();
            reimbursements[reward.keeper] += reward.amount;
            emit Reimbursed(payDomain, reward.keeper, reward.amount);
        }
        emit SettledFromAway(market, payDomain, principal, fees);
    }

    function _openLot(bytes32 market, bytes32 orderId, uint256 principal, uint256 floor, uint64 restUntil) internal {
        Lot storage lot = _lotOf[orderId];
        if (lot.state != LotState.None) revert WrongLotState(orderId, lot.state);
        _receivables -= principal.toUint128();
        _lots += principal.toUint128();
        lot.principal = principal.toUint128();
        lot.floor = floor.toUint128();
        lot.restUntil = restUntil;
        lot.state = LotState.OnSale;
        if (_marked.length < MAX_MARKED_LOTS) _list(orderId, lot);
        emit LotOpened(market, orderId, principal, floor, restUntil);
    }

    function _settleLot(bytes32 market, bytes32 orderId, uint256 fee, uint32 payDomain, Reward calldata reward)
        internal
    {
        uint256 principal = _closeLot(orderId, LotState.Closed);
        _sendAway(market, principal, fee, payDomain, reward);
        emit LotSettled(market, orderId);
    }

    function _sellLot(bytes32 market, bytes32 orderId, uint256 proceeds) internal returns (uint256 shortfall) {
        uint256 principal = _closeLot(orderId, LotState.Claiming);
        uint256 recovered = Math.min(proceeds, principal);
        shortfall = principal - recovered;
        uint256 drawn = Math.min(_reserve, shortfall);
        uint256 claim = shortfall - drawn;
        _idle += (recovered + drawn).toUint128();
        _reserve = (_reserve - drawn + proceeds - recovered).toUint128();
        _exposures[market].principal -= (principal - claim).toUint128();
        _claims += claim.toUint128();
        _lotOf[orderId].principal = claim.toUint128();
        emit LotSold(market, orderId, proceeds, drawn, claim);
    }

    function _absorbForfeit(bytes32 market, bytes32 orderId, uint256 amount) internal {
        Lot storage lot = _lotOf[orderId];
        uint256 covered;
        if (lot.state == LotState.Claiming) {
            uint256 claim = lot.principal;
            covered = Math.min(amount, claim);
            lot.principal = 0;
            lot.state = LotState.Closed;
            _claims -= claim.toUint128();
            _exposures[market].principal -= claim.toUint128();
            _idle += covered.toUint128();
            if (claim > covered) _lose(market, orderId, claim - covered);
        }
        _reserve += (amount - covered).toUint128();
        emit ForfeitAbsorbed(market, orderId, amount, covered);
    }

    /// @dev Takes a lack out of the reserve, and records the rest as the depositors' loss.
    function _lose(bytes32 market, bytes32 orderId, uint256 lack) private {
        uint256 drawn = Math.min(_reserve, lack);
        _reserve -= drawn.toUint128();
        _idle += drawn.toUint128();
        uint256 loss = lack - drawn;
        _recordedLosses += loss;
        _exposures[market].losses += loss.toUint128();
        emit LossRecorded(market, orderId, loss, drawn);
    }

    function _writeOff(bytes32 market, uint32 payDomain, uint256 amount) internal {
        Route storage route = _routes[payDomain];
        // What is due can be decided long before: no late unit may undo it.
        if (route.away == 0 && amount != 0) revert NotAway(0, amount);
        uint128 lost = Math.min(route.away, amount).toUint128();
        route.away -= lost;
        route.writtenOff += lost;
        _totalAway -= lost;
        _setImpaired(route, Math.saturatingSub(route.impaired, lost));
        emit WrittenOff(market, payDomain, lost);
        _lose(market, bytes32(0), lost);
    }

    function _impair(uint32 payDomain, uint256 amount) internal {
        Route storage route = _routes[payDomain];
        _setImpaired(route, Math.min(route.away, amount));
        emit Impaired(payDomain, route.impaired);
    }

    function _setImpaired(Route storage route, uint256 amount) private {
        uint128 now_ = amount.toUint128();
        _totalImpaired = _totalImpaired - route.impaired + now_;
        route.impaired = now_;
    }

    function _arrive(uint32 payDomain, uint256 amount) internal {
        if (amount > awaited(payDomain)) revert NotAway(awaited(payDomain), amount);
        Route storage route = _routes[payDomain];
        uint128 counted = Math.min(route.away, amount).toUint128();
        route.away -= counted;
        _totalAway -= counted;
        _idle += counted;
        if (route.impaired > route.away) _setImpaired(route, route.away);
        uint128 late = amount.toUint128() - counted;
        if (late != 0) {
            route.writtenOff -= late;
            _reserve += late;
        }
    }

    function _fillReserve(uint256 amount) internal {
        _reserve += amount.toUint128();
    }

    function _restoreCap(bytes32 market, uint256 amount) internal {
        _exposures[market].losses -= amount.toUint128();
        emit CapRestored(market, amount);
    }

    function _setReimbursement(uint32 payDomain, uint128 perOrder) internal {
        _routes[payDomain].perOrder = perOrder;
        emit ReimbursementSet(payDomain, perOrder);
    }

    function _collectReimbursement(address keeper) internal returns (uint256 amount) {
        amount = reimbursements[keeper];
        reimbursements[keeper] = 0;
        _owed -= amount.toUint128();
    }

    /// @dev Ends a lot's sale and returns its principal, which leaves the accounts' lots.
    function _closeLot(bytes32 orderId, LotState next) private returns (uint256 principal) {
        Lot storage lot = _lotOf[orderId];
        if (lot.state != LotState.OnSale) revert WrongLotState(orderId, lot.state);
        principal = lot.principal;
        lot.state = next;
        lot.principal = 0;
        _lots -= principal.toUint128();
        if (lot.place != 0) _unlist(lot);
    }

    function _list(bytes32 orderId, Lot storage lot) private {
        _marked.push(orderId);
        // forge-lint: disable-next-line(unsafe-typecast)
        lot.place = uint16(_marked.length); // at most MAX_MARKED_LOTS
    }

    function _unlist(Lot storage lot) private {
        uint16 place = lot.place;
        bytes32 last = _marked[_marked.length - 1];
        _marked[place - 1] = last;
        _lotOf[last].place = place;
        _marked.pop();
        lot.place = 0;
    }
}
