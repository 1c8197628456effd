// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IBackstopVault} from "../interfaces/IBackstopVault.sol";
import {ICollateralEscrow} from "../interfaces/ICollateralEscrow.sol";
import {ILiquidationAdapter} from "../interfaces/ILiquidationAdapter.sol";
import {IMarketRegistry} from "../interfaces/IMarketRegistry.sol";
import {ISolverBonds} from "../interfaces/ISolverBonds.sol";
import {EscrowState, HeldBond, Order, OrderRecord, OrderState, Terms} from "../types/Types.sol";
import {Amounts} from "./Amounts.sol";
import {Digests} from "./Digests.sol";
import {Lots} from "./Lots.sol";
import {Lane, OrderParts, Payment} from "./OrderParts.sol";
import {Surplus} from "./Surplus.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title The end of an order: payment, or expiry and sale, and then its bond and surplus. The escrow's code, in a
/// library because of the code size limit.
/// @dev `encoding` is that of an Order.
library Settlements {
    using OrderParts for Lane;
    using OrderParts for Payment;
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// @dev How long after a home sale a proof of payment in time may still free the bond.
    uint256 private constant HOLD = 7 days;

    /// @dev A message with reported payments, and what its sender earned so far.
    struct Report {
        IMarketRegistry registry;
        ISolverBonds bonds;
        uint32 origin;
        address reporter;
        Lane lane; // of the payment at hand
        // What the last settled order read, for the next of the same rules:
        bool read; // whether it was of the very same lane
        bytes32 market;
        address debt;
        uint32 terms;
        IBackstopVault vault;
        address treasury;
        uint16 borrowerBps;
        uint256 perOrder; // debt units: the most of an order's fee that is the reporter's
        address collateral;
        address solver;
        // Sums over the orders settled in a row under these rules, not yet recorded:
        uint256 principal; // debt units, of orders that had not expired
        uint256 fees; // debt units, of those
        uint256 reward; // debt units, of those: the reporter's part of the fees
        uint256 unlocked; // debt units of the solver's bond
        uint256 toTreasury; // collateral units
    }

    /// @notice Settles reported payments. An item is skipped for reasons of state alone, and idempotent.
    /// @param body A report as `OrderParts` lays it out; its reporter, unless zero, earns the vault's reimbursement for
    /// each order that settles now.
    function handle(
        EscrowState storage state,
        IMarketRegistry registry,
        ISolverBonds bonds,
        uint32 localDomain,
        uint32 origin,
        address sender,
        bytes calldata body
    ) external {
        if (body.length < OrderParts.REPORTER_BYTES) {
            revert ICollateralEscrow.MalformedReport(body.length);
        }
        bytes calldata runs = body[OrderParts.REPORTER_BYTES:];
        (bool wellFormed, uint256 count) = OrderParts.count(runs, OrderParts.PAYMENT_BYTES);
        if (!wellFormed) revert ICollateralEscrow.MalformedReport(body.length);
        Report memory report;
        (report.registry, report.bonds, report.origin) = (registry, bonds, origin);
        report.reporter = address(bytes20(body));
        // The id's hash covers the pay escrow that sent the report and this escrow: an order of another pair has
        // another id, which was never opened here.
        _handleRuns(state, report, OrderParts.desk(localDomain, address(this), origin, sender), runs, count);
        _record(state, report);
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
        // A lot sold for the full debt is treated as an ask: the rest is split between the borrower and the protocol.
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
            bounty = _bountyOf(registry, order.repaid, order.market, order.terms);
            bounty = Math.min(bounty, amount - Math.min(amount, held.shortfall));
        }
        IBackstopVault vault = _vaultOf(registry, order);
        uint256 received = _takeBond(bonds, order, amount - bounty, address(vault));
        vault.absorbForfeit(order.market, id, received);
        emit ICollateralEscrow.BondForfeited(id, order.solver, amount, bounty, held.bountyTo);
        if (bounty != 0) {
            Surplus.push(state, order.debt, held.bountyTo, _takeBond(bonds, order, bounty, address(this)));
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

    /// @param left How many payments the runs hold.
    function _handleRuns(
        EscrowState storage state,
        Report memory report,
        bytes memory desk,
        bytes calldata runs,
        uint256 left
    ) private {
        uint256 at;
        assembly ("memory-safe") {
            at := runs.offset
        }
        // `count` found every run and payment within the message.
        unchecked {
            while (left != 0) {
                Lane lane = Lane.wrap(at);
                OrderParts.lay(desk, lane);
                (report.lane, report.read) = (lane, false);
                at += OrderParts.RUN_BYTES;
                uint256 inRun = lane.length();
                left -= inRun;
                for (; inRun != 0; --inRun) {
                    Payment payment = Payment.wrap(at);
                    _handlePayment(state, report, payment.idOf(desk), payment);
                    at += OrderParts.PAYMENT_BYTES;
                }
            }
        }
    }

    function _handlePayment(EscrowState storage state, Report memory report, bytes32 id, Payment payment) private {
        OrderRecord storage record = state.orders[id];
        OrderState was = record.state;
        if (was == OrderState.Open || was == OrderState.Expired) {
            if (!report.read) _readRules(state, report);
            uint256 seized = record.seized;
            record.state = OrderState.Settled; // before any call
            _settle(state, report, id, payment, was, seized);
        } else if (was == OrderState.None) {
            if (block.timestamp <= payment.openBy()) {
                emit ICollateralEscrow.FillSkipped(id); // it may still open; the fill is to be reported again
            } else {
                record.state = OrderState.Refused; // nothing opens after openBy, so this is final
                emit ICollateralEscrow.FillRefused(id);
            }
        } else if (was == OrderState.Sold && payment.filledAt() <= payment.exclusiveUntil()) {
            _free(state, report, id, payment);
        }
    }

    /// @dev Records consecutive orders of one solver under the same rules together.
    function _readRules(EscrowState storage state, Report memory report) private {
        report.read = true;
        Lane lane = report.lane;
        bool known = lane.market() == report.market && lane.debt() == report.debt && lane.terms() == report.terms;
        if (known && lane.solver() == report.solver && lane.collateral() == report.collateral) return;
        _record(state, report);
        (report.solver, report.collateral) = (lane.solver(), lane.collateral());
        if (known) return;
        (report.market, report.debt, report.terms) = (lane.market(), lane.debt(), lane.terms());
        IBackstopVault vault = IBackstopVault(report.registry.vaultOf(report.market, report.debt));
        if (address(vault) != address(report.vault)) {
            report.vault = vault;
            report.perOrder = report.reporter == address(0) ? 0 : vault.reimbursementOf(report.origin);
        }
        (report.treasury, report.borrowerBps) = report.registry.splitAt(report.market, report.terms);
    }

    /// @dev Frees the bonds, tells the vault, and credits the treasury, for orders settled in a row.
    function _record(EscrowState storage state, Report memory report) private {
        if (report.unlocked != 0) report.bonds.unlock(report.solver, report.debt, report.unlocked);
        if (report.principal != 0) {
            IBackstopVault.Reward memory reward = IBackstopVault.Reward(report.reporter, report.reward);
            report.vault.settle(report.market, report.principal, report.fees, report.origin, reward);
        }
        if (report.toTreasury != 0) Surplus.credit(state, report.collateral, report.treasury, report.toTreasury);
        (report.unlocked, report.principal, report.fees, report.reward, report.toTreasury) = (0, 0, 0, 0, 0);
    }

    function _settle(
        EscrowState storage state,
        Report memory report,
        bytes32 id,
        Payment payment,
        OrderState was,
        uint256 seized
    ) private {
        // The pay escrow never grants more than maxAsk, which the lot covers; the bound is kept here all the same.
        uint256 ask = Math.min(payment.granted(), Math.min(payment.maxAsk(), seized));
        uint256 penalty;
        if (payment.filledAt() > payment.exclusiveUntil()) penalty = _hold(state, report, id, payment, ask);
        report.unlocked += payment.bond() - penalty;
        uint256 reward = Math.min(payment.routeFee(), report.perOrder);
        if (was == OrderState.Open) {
            report.principal += payment.repaid() + payment.keeperFee();
            report.fees += payment.routeFee();
            report.reward += reward;
        } else {
            report.vault
                .settleLot(
                    report.market, id, payment.routeFee(), report.origin, IBackstopVault.Reward(report.reporter, reward)
                );
        }
        bytes32 positionKey = payment.positionKey();
        report.toTreasury += Surplus.share(
            state, report.market, positionKey, report.collateral, seized - ask, report.borrowerBps
        );
        address beneficiary = payment.beneficiary();
        emit ICollateralEscrow.Settled(id, positionKey, beneficiary, ask, seized - ask);
        if (ask != 0) Surplus.push(state, report.collateral, beneficiary, ask);
    }

    /// @dev Holds the late penalty for `forfeit` to take. No debt tokens are pushed here, so a failing push cannot harm
    /// a message's other items.
    function _hold(EscrowState storage state, Report memory report, bytes32 id, Payment payment, uint256 ask)
        private
        returns (uint256 penalty)
    {
        uint256 most = payment.latePenalty();
        uint256 bounty = _bountyOf(report.registry, payment.repaid(), report.market, report.terms);
        penalty = Amounts.latePenaltyAt(
            most, Math.min(bounty, most), ask - Math.min(ask, payment.ask()), payment.maxAsk() - payment.ask()
        );
        address beneficiary = payment.beneficiary();
        state.held[id] = HeldBond(beneficiary, uint64(block.timestamp), penalty.toUint128(), 0);
        emit ICollateralEscrow.BondHeld(id, report.solver, penalty, uint64(block.timestamp), beneficiary);
    }

    /// @dev A report shows a payment in time for a lot that was sold meanwhile: no fault of the winner's.
    function _free(EscrowState storage state, Report memory report, bytes32 id, Payment payment) private {
        if (state.held[id].readyAt == 0) return;
        delete state.held[id];
        Lane lane = report.lane;
        (address solver, uint256 bond) = (lane.solver(), payment.bond());
        report.bonds.unlock(solver, lane.debt(), bond);
        IBackstopVault(report.registry.vaultOf(lane.market(), lane.debt())).absorbForfeit(lane.market(), id, 0);
        emit ICollateralEscrow.BondFreed(id, solver, bond);
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

    function _bountyOf(IMarketRegistry registry, uint256 repaid, bytes32 market, uint32 terms)
        private
        view
        returns (uint256)
    {
        return Amounts.partUp(repaid, registry.bountyBpsAt(market, terms));
    }

    function _vaultOf(IMarketRegistry registry, Order calldata order) private view returns (IBackstopVault) {
        return IBackstopVault(registry.vaultOf(order.market, order.debt));
    }
}
