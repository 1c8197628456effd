// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IBackstopVault} from "../interfaces/IBackstopVault.sol";
import {ICollateralEscrow} from "../interfaces/ICollateralEscrow.sol";
import {ILiquidationAdapter} from "../interfaces/ILiquidationAdapter.sol";
import {IMarketRegistry} from "../interfaces/IMarketRegistry.sol";
import {ISolverBonds} from "../interfaces/ISolverBonds.sol";
import {EscrowState, Fill, HeldBond, Order, OrderRecord, OrderState, Terms} from "../types/Types.sol";
import {Amounts} from "./Amounts.sol";
import {BoundedCall} from "./BoundedCall.sol";
import {Digests} from "./Digests.sol";
import {Lots} from "./Lots.sol";
import {Surplus} from "./Surplus.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title How an order ends: paid, or expired and sold, and what becomes of its bond and surplus. The escrow's code, for its
/// size.
/// @dev `encoding` is that of an Order.
library Settlements {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// @dev Gas each token push may use; more than any sane ERC-20 transfer needs.
    uint256 private constant PUSH_GAS = 100_000;
    /// @dev How long after a home sale a proof of payment in time may still free the bond.
    uint256 private constant HOLD = 7 days;

    /// @dev A message with reported fills, and what its sender earned so far.
    struct Report {
        IMarketRegistry registry;
        ISolverBonds bonds;
        uint32 localDomain;
        uint32 origin;
        address sender;
        address reporter;
        // What the last settled order read, for the next of the same rules:
        bytes32 market;
        address debt;
        uint32 terms;
        IBackstopVault vault;
        address treasury;
        uint16 borrowerBps;
        address collateral;
        address solver;
        // Sums over the orders settled in a row under these rules, not yet booked:
        uint256 settled; // orders of that vault, not yet rewarded
        uint256 paid; // orders that had not expired
        uint256 principal; // debt units, of those
        uint256 fees; // debt units, of those
        uint256 unlocked; // debt units of the solver's bond
        uint256 toTreasury; // collateral units
    }

    uint256 private constant FILL_BYTES = Digests.ORDER_BYTES + 4 * 32;

    /// @notice Settles reported fills. An item is skipped for reasons of state alone, and idempotent.
    /// @param body abi.encode(Fill[]), or abi.encode(Fill[], address reporter) to name who earns the reimbursement that the
    /// vault set aside for each order that settles now.
    function handle(
        EscrowState storage state,
        IMarketRegistry registry,
        ISolverBonds bonds,
        uint32 localDomain,
        uint32 origin,
        address sender,
        bytes calldata body
    ) external {
        (Fill[] calldata fills, address reporter) = _decode(body);
        Report memory report;
        (report.registry, report.bonds, report.localDomain) = (registry, bonds, localDomain);
        (report.origin, report.sender, report.reporter) = (origin, sender, reporter);
        for (uint256 i; i < fills.length; ++i) {
            _handleFill(state, report, fills[i]);
        }
        _book(state, report);
        _reward(report);
    }

    /// @notice Opens an order's lot to the home sale. It ends nothing: a proof before the sale still settles.
    function expire(EscrowState storage state, IMarketRegistry registry, bytes calldata encoding) external {
        Order calldata order = Digests.orderOf(encoding);
        bytes32 id = Digests.orderIdOf(order);
        OrderRecord storage record = state.orders[id];
        if (record.state != OrderState.Open) revert ICollateralEscrow.NotOpen(id, record.state);
        if (block.timestamp <= order.expiresAt) revert ICollateralEscrow.NotExpiredYet(order.expiresAt);
        record.state = OrderState.Expired;
        record.expiredAt = uint64(block.timestamp);
        Terms memory rules = registry.termsAt(order.market, order.terms);
        uint256 debt = _debtOf(order);
        uint256 floor = Amounts.partUp(debt, rules.floorBps);
        uint64 restUntil = Lots.restEnd(block.timestamp, rules.auctionLength).toUint64();
        _vaultOf(registry, order).openLot(order.market, id, debt, floor, restUntil);
        emit ICollateralEscrow.Expired(id, order.positionKey, debt, floor, restUntil);
    }

    /// @notice What the home sale of an expired order offers now.
    function offer(EscrowState storage state, IMarketRegistry registry, bytes calldata encoding)
        external
        view
        returns (uint256 lot, uint256 price)
    {
        Order calldata order = Digests.orderOf(encoding);
        bytes32 id = Digests.orderIdOf(order);
        return _offer(state.orders[id], registry.termsAt(order.market, order.terms), id, order);
    }

    /// @notice Sells the lot of an expired order to the caller, who pays the vault.
    function buy(
        EscrowState storage state,
        IMarketRegistry registry,
        bytes calldata encoding,
        uint256 leastLot,
        uint256 mostPrice,
        address recipient
    ) external returns (uint256 lot, uint256 price) {
        Order calldata order = Digests.orderOf(encoding);
        if (recipient == address(0)) revert ICollateralEscrow.ZeroAddress();
        bytes32 id = Digests.orderIdOf(order);
        OrderRecord storage record = state.orders[id];
        Terms memory rules = registry.termsAt(order.market, order.terms);
        (lot, price) = _offer(record, rules, id, order);
        if (lot < leastLot) revert ICollateralEscrow.LotBelowLeast(lot, leastLot);
        if (price > mostPrice) revert ICollateralEscrow.PriceAboveMost(price, mostPrice);
        record.state = OrderState.Sold;
        _sell(state, registry, id, order, price, recipient);
        // A lot sold for the full debt is an ask like any other: what it leaves is the borrower's and the protocol's.
        uint256 surplus = record.seized - lot;
        Surplus.split(
            state, order.market, order.positionKey, order.collateral, surplus, rules.treasury, rules.borrowerBps
        );
        emit ICollateralEscrow.Sold(id, order.positionKey, msg.sender, recipient, lot, price, surplus);
        IERC20(order.collateral).safeTransfer(recipient, lot);
    }

    /// @notice Takes a held bond: what the sale lacked first, then the bounty, the rest to the vault's reserve.
    function forfeit(EscrowState storage state, IMarketRegistry registry, ISolverBonds bonds, bytes calldata encoding)
        external
        returns (uint256 amount, uint256 bounty)
    {
        Order calldata order = Digests.orderOf(encoding);
        bytes32 id = Digests.orderIdOf(order);
        HeldBond memory held = state.held[id];
        if (held.readyAt == 0) revert ICollateralEscrow.NothingHeld(id);
        if (block.timestamp < held.readyAt) revert ICollateralEscrow.HeldUntil(held.readyAt);
        delete state.held[id];
        amount = held.amount;
        if (held.bountyTo != order.solver && held.bountyTo != order.payout) {
            bounty = Math.min(_bountyOf(registry, order), amount - Math.min(amount, held.shortfall));
        }
        IBackstopVault vault = _vaultOf(registry, order);
        uint256 received = _takeBond(bonds, order, amount - bounty, address(vault));
        vault.absorbForfeit(order.market, id, received);
        emit ICollateralEscrow.BondForfeited(id, order.solver, amount, bounty, held.bountyTo);
        if (bounty != 0) {
            _push(state, order.debt, held.bountyTo, _takeBond(bonds, order, bounty, address(this)));
        }
    }

    /// @notice Gives a position its borrower's surplus back.
    function returnSurplus(
        EscrowState storage state,
        IMarketRegistry registry,
        bytes32 market,
        bytes calldata position,
        address collateral
    ) external returns (uint256 amount) {
        bytes32 key = Digests.positionKey(market, position);
        amount = Surplus.take(state, key, collateral);
        if (amount == 0) revert ICollateralEscrow.NothingToReturn(key);
        (Terms memory rules,) = registry.terms(market);
        IERC20(collateral).safeTransfer(rules.adapter, amount);
        ILiquidationAdapter(rules.adapter).returnSurplus(position, amount);
        emit ICollateralEscrow.SurplusReturned(key, collateral, amount);
    }

    /// @notice Pays the caller's credit to any address.
    function claim(EscrowState storage state, address token, address to) external returns (uint256 amount) {
        if (to == address(0)) revert ICollateralEscrow.ZeroAddress();
        amount = state.credits[token][msg.sender];
        if (amount == 0) revert ICollateralEscrow.NothingToClaim(token, msg.sender);
        state.credits[token][msg.sender] = 0;
        IERC20(token).safeTransfer(to, amount);
        emit ICollateralEscrow.Claimed(token, msg.sender, to, amount);
    }

    /// @dev Reads fills where they lie; decoding them into memory would cost more than settling them.
    function _decode(bytes calldata body) private pure returns (Fill[] calldata fills, address reporter) {
        uint256 head = body.length < 64 ? 0 : uint256(bytes32(body[:32]));
        if (head == 64) reporter = address(uint160(uint256(bytes32(body[32:64]))));
        else if (head != 32) revert ICollateralEscrow.MalformedReport(body.length);
        uint256 start = head + 32;
        uint256 count = body.length < start ? type(uint256).max : uint256(bytes32(body[head:start]));
        if (count > body.length || body.length != start + count * FILL_BYTES) {
            revert ICollateralEscrow.MalformedReport(body.length);
        }
        assembly ("memory-safe") {
            fills.offset := add(body.offset, start)
            fills.length := count
        }
    }

    function _handleFill(EscrowState storage state, Report memory report, Fill calldata facts) private {
        Order calldata order = facts.order;
        bytes32 id = Digests.orderIdOf(order);
        if (
            order.payDomain != report.origin || order.payEscrow != report.sender
                || order.homeDomain != report.localDomain || order.homeEscrow != address(this)
        ) {
            emit ICollateralEscrow.FillIgnored(id);
            return;
        }
        OrderState was = state.orders[id].state;
        if (was == OrderState.Open || was == OrderState.Expired) {
            _readRules(state, report, order);
            ++report.settled;
            _settle(state, report, id, facts, was);
        } else if (was == OrderState.None) {
            if (block.timestamp <= order.openBy) {
                emit ICollateralEscrow.FillSkipped(id); // it may still open; the fill is to be reported again
            } else {
                state.orders[id].state = OrderState.Refused; // nothing opens after openBy, so this is final
                emit ICollateralEscrow.FillRefused(id);
            }
        } else if (was == OrderState.Sold && facts.filledAt <= order.exclusiveUntil) {
            _free(state, report.registry, report.bonds, id, order);
        }
    }

    /// @dev Orders of one solver under the same rules, one after another, are booked in one go.
    function _readRules(EscrowState storage state, Report memory report, Order calldata order) private {
        bool known = order.market == report.market && order.debt == report.debt && order.terms == report.terms;
        if (known && order.solver == report.solver && order.collateral == report.collateral) return;
        _book(state, report);
        (report.solver, report.collateral) = (order.solver, order.collateral);
        if (known) return;
        (report.market, report.debt, report.terms) = (order.market, order.debt, order.terms);
        IBackstopVault vault = _vaultOf(report.registry, order);
        if (address(vault) != address(report.vault)) {
            _reward(report);
            report.vault = vault;
        }
        (report.treasury, report.borrowerBps) = report.registry.splitAt(order.market, order.terms);
    }

    /// @dev Frees the bonds, tells the vault, and credits the treasury, for orders settled in a row.
    function _book(EscrowState storage state, Report memory report) private {
        if (report.unlocked != 0) report.bonds.unlock(report.solver, report.debt, report.unlocked);
        if (report.paid != 0) {
            report.vault.settle(report.market, report.principal, report.fees, report.origin, report.paid);
        }
        if (report.toTreasury != 0) Surplus.credit(state, report.collateral, report.treasury, report.toTreasury);
        (report.unlocked, report.paid, report.principal, report.fees, report.toTreasury) = (0, 0, 0, 0, 0);
    }

    /// @dev Pays the reporter for the orders of one vault that its report settled in a row.
    function _reward(Report memory report) private {
        uint256 settled = report.settled;
        report.settled = 0;
        if (settled != 0 && report.reporter != address(0)) {
            report.vault.reimburse(report.origin, report.reporter, settled);
        }
    }

    function _settle(EscrowState storage state, Report memory report, bytes32 id, Fill calldata facts, OrderState was)
        private
    {
        Order calldata order = facts.order;
        uint256 seized = state.orders[id].seized;
        state.orders[id].state = OrderState.Settled;
        // The pay escrow never grants more than maxAsk, which the lot covers; the bound is kept here all the same.
        uint256 ask = Math.min(facts.ask, Math.min(order.maxAsk, seized));
        uint256 penalty;
        if (facts.filledAt > order.exclusiveUntil) {
            penalty = _hold(state, report.registry, id, order, ask, facts.beneficiary);
        }
        report.unlocked += order.bond - penalty;
        if (was == OrderState.Open) {
            ++report.paid;
            report.principal += _debtOf(order);
            report.fees += order.routeFee;
        } else {
            report.vault.settleLot(order.market, id, order.routeFee, order.payDomain);
        }
        report.toTreasury += Surplus.share(
            state, order.market, order.positionKey, order.collateral, seized - ask, report.borrowerBps
        );
        emit ICollateralEscrow.Settled(id, order.positionKey, facts.beneficiary, ask, seized - ask);
        if (ask != 0) _push(state, order.collateral, facts.beneficiary, ask);
    }

    /// @dev Holds the late penalty back, for `forfeit` to take: no push of debt tokens can then harm a message's other items.
    function _hold(
        EscrowState storage state,
        IMarketRegistry registry,
        bytes32 id,
        Order calldata order,
        uint256 ask,
        address beneficiary
    ) private returns (uint256 penalty) {
        penalty = Amounts.latePenaltyAt(
            order.latePenalty,
            Math.min(_bountyOf(registry, order), order.latePenalty),
            ask - Math.min(ask, order.ask),
            order.maxAsk - order.ask
        );
        state.held[id] = HeldBond(beneficiary, uint64(block.timestamp), penalty.toUint128(), 0);
        emit ICollateralEscrow.BondHeld(id, order.solver, penalty, uint64(block.timestamp), beneficiary);
    }

    /// @dev A report shows a payment in time for a lot that was sold meanwhile: no fault of the winner's.
    function _free(
        EscrowState storage state,
        IMarketRegistry registry,
        ISolverBonds bonds,
        bytes32 id,
        Order calldata order
    ) private {
        if (state.held[id].readyAt == 0) return;
        delete state.held[id];
        bonds.unlock(order.solver, order.debt, order.bond);
        _vaultOf(registry, order).absorbForfeit(order.market, id, 0);
        emit ICollateralEscrow.BondFreed(id, order.solver, order.bond);
    }

    /// @dev Pays the vault with the caller's money, and holds the bond for what the price lacks of the debt.
    function _sell(
        EscrowState storage state,
        IMarketRegistry registry,
        bytes32 id,
        Order calldata order,
        uint256 price,
        address recipient
    ) private {
        IBackstopVault vault = _vaultOf(registry, order);
        IERC20 debt = IERC20(order.debt);
        uint256 before = debt.balanceOf(address(vault));
        if (price != 0) debt.safeTransferFrom(msg.sender, address(vault), price);
        uint256 received = debt.balanceOf(address(vault)) - before;
        if (received != price) revert ICollateralEscrow.UnexpectedAmount(received, price);
        uint256 shortfall = vault.sellLot(order.market, id, price);
        uint64 readyAt = (block.timestamp + HOLD).toUint64();
        state.held[id] = HeldBond(recipient, readyAt, order.bond, shortfall.toUint128());
        emit ICollateralEscrow.BondHeld(id, order.solver, order.bond, readyAt, recipient);
    }

    /// @dev Moves part of a locked bond; returns what arrived.
    function _takeBond(ISolverBonds bonds, Order calldata order, uint256 amount, address to) private returns (uint256) {
        if (amount == 0) return 0;
        uint256 before = IERC20(order.debt).balanceOf(to);
        bonds.forfeit(order.solver, order.debt, amount, to);
        return IERC20(order.debt).balanceOf(to) - before;
    }

    function _push(EscrowState storage state, address token, address to, uint256 amount) private {
        if (!BoundedCall.tryTransfer(token, to, amount, PUSH_GAS)) Surplus.credit(state, token, to, amount);
    }

    function _offer(OrderRecord storage record, Terms memory rules, bytes32 id, Order calldata order)
        private
        view
        returns (uint256 lot, uint256 price)
    {
        if (record.state != OrderState.Expired) revert ICollateralEscrow.NotOnSale(id, record.state);
        uint256 debt = _debtOf(order);
        return Lots.sale(
            record.seized,
            debt,
            Amounts.partUp(debt, rules.floorBps),
            rules.minLotBps,
            record.expiredAt,
            rules.auctionLength,
            block.timestamp
        );
    }

    /// @dev What the vault fronted, debt units.
    function _debtOf(Order calldata order) private pure returns (uint256) {
        return uint256(order.repaid) + order.keeperFee;
    }

    function _bountyOf(IMarketRegistry registry, Order calldata order) private view returns (uint256) {
        return Amounts.partUp(order.repaid, registry.bountyBpsAt(order.market, order.terms));
    }

    function _vaultOf(IMarketRegistry registry, Order calldata order) private view returns (IBackstopVault) {
        return IBackstopVault(registry.vaultOf(order.market, order.debt));
    }
}
