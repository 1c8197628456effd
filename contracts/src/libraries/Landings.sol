// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IBackstopVault} from "../interfaces/IBackstopVault.sol";
import {ICollateralEscrow} from "../interfaces/ICollateralEscrow.sol";
import {IMarketRegistry} from "../interfaces/IMarketRegistry.sol";
import {ISolverBonds} from "../interfaces/ISolverBonds.sol";
import {Attempt, EscrowState, Order, OrderRecord, OrderState, PositionRecord, Route, Usage} from "../types/Types.sol";
import {Amounts} from "./Amounts.sol";
import {Digests} from "./Digests.sol";
import {Seizures} from "./Seizures.sol";
import {Surplus} from "./Surplus.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title What a ranked quote does when its turn comes: the escrow's code, in a library of its own for its size.
/// @notice The escrow delegates here with fixed gas; a revert undoes the attempt and nothing else.
library Landings {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// @dev What an order of some repaid amount asks for.
    struct Size {
        uint256 ask; // collateral units: the winner's
        uint256 maxAsk; // collateral units: the highest of the public phase
        uint256 latePenalty; // debt units: at the highest ask
        uint256 bond; // debt units: the larger of the stress move and the late penalty
    }

    /// @notice One attempt of a local quote: payment in, liquidation, collateral out.
    function liquidate(EscrowState storage state, Attempt calldata attempt) external {
        state.positions[attempt.positionKey].round = uint40(attempt.round + 1);
        address solver = attempt.quote.solver;
        IERC20(attempt.debt).safeTransferFrom(solver, attempt.terms.adapter, attempt.repay);
        if (attempt.debtTerms.keeperFee != 0) {
            IERC20(attempt.debt).safeTransferFrom(solver, attempt.lander, attempt.debtTerms.keeperFee);
        }
        uint256 wanted = Amounts.proRataAsk(attempt.quote.ask, attempt.repay, attempt.intentRepay);
        (uint256 repaid, uint256 seized) = _seize(state, attempt, wanted);
        if (repaid < attempt.repay) IERC20(attempt.debt).safeTransfer(solver, attempt.repay - repaid);

        uint256 ask = Amounts.proRataAsk(attempt.quote.ask, repaid, attempt.intentRepay);
        if (ask > seized) revert ICollateralEscrow.AskAboveSeized(ask, seized);
        Surplus.split(
            state,
            attempt.market,
            attempt.positionKey,
            attempt.collateral,
            seized - ask,
            attempt.terms.treasury,
            attempt.terms.borrowerBps
        );
        if (ask != 0) IERC20(attempt.collateral).safeTransfer(attempt.quote.payout, ask);
        emit ICollateralEscrow.Liquidated(
            attempt.intentDigest, attempt.quoteDigest, attempt.positionKey, solver, repaid, seized, ask
        );
    }

    /// @notice One attempt of a remote quote: the vault fronts, the lot stays here, the bond is locked.
    /// @return orderId Zero when the bond does not cover the order: the account's fault, read before anything is tried.
    /// @return free The account's free bond, debt units.
    /// @return bond What the order needs of it, debt units.
    function open(EscrowState storage state, Attempt calldata attempt)
        external
        returns (bytes32 orderId, uint256 free, uint256 bond)
    {
        free = ISolverBonds(attempt.bonds).freeOf(attempt.quote.solver, attempt.debt);
        Size memory size = _size(attempt, attempt.repay);
        bond = size.bond;
        if (free < bond) return (0, free, bond);
        Route memory route =
            IMarketRegistry(attempt.registry).route(attempt.market, attempt.debt, attempt.quote.payDomain);
        if (!route.enabled) revert ICollateralEscrow.RouteDisabled(attempt.quote.payDomain);
        state.positions[attempt.positionKey].round = uint40(attempt.round + 1);

        IBackstopVault vault = IBackstopVault(attempt.debtTerms.vault);
        vault.front(
            attempt.market,
            attempt.debtTerms.capPrincipal,
            attempt.terms.adapter,
            attempt.repay,
            attempt.lander,
            attempt.debtTerms.keeperFee
        );
        (uint256 repaid, uint256 seized) = _seize(state, attempt, attempt.intentSeizable);
        if (repaid < attempt.repay) {
            IERC20(attempt.debt).safeTransfer(address(vault), attempt.repay - repaid);
            vault.giveBack(attempt.market, attempt.repay - repaid);
            size = _size(attempt, repaid);
        }

        Order memory order = _order(attempt, route, size, repaid);
        if (seized < order.maxAsk) revert ICollateralEscrow.LotTooSmall(seized, order.maxAsk);
        orderId = Digests.orderId(order);
        if (state.orders[orderId].state != OrderState.None) revert ICollateralEscrow.OrderExists(orderId);
        state.orders[orderId] = OrderRecord(OrderState.Open, seized.toUint128(), 0);
        ISolverBonds(attempt.bonds).lock(order.solver, attempt.debt, order.bond);
        emit ICollateralEscrow.Opened(orderId, attempt.intentDigest, attempt.positionKey, seized, order);
    }

    /// @notice Punishes an account that did not keep its quote: suspension, and a forfeit as far as its bond is free.
    /// Once per intent and account, whatever lands.
    function fade(EscrowState storage state, Attempt calldata attempt) external {
        address solver = attempt.quote.solver;
        if (state.faded[attempt.intentDigest][solver]) return;
        state.faded[attempt.intentDigest][solver] = true;
        IERC20 debt = IERC20(attempt.debt);
        address vault = attempt.debtTerms.vault;
        uint256 before = debt.balanceOf(vault);
        uint256 penalty = Amounts.partUp(attempt.intentRepay, attempt.terms.fadeBps);
        uint256 taken = ISolverBonds(attempt.bonds).fade(solver, attempt.debt, penalty, vault);
        if (taken != 0) {
            IBackstopVault(vault).absorbForfeit(attempt.market, attempt.intentDigest, debt.balanceOf(vault) - before);
        }
        emit ICollateralEscrow.Faded(attempt.intentDigest, solver, attempt.quoteDigest, taken);
    }

    function _seize(EscrowState storage state, Attempt calldata attempt, uint256 wanted)
        private
        returns (uint256 repaid, uint256 seized)
    {
        (repaid, seized) = Seizures.seize(
            attempt.terms.adapter, attempt.position, attempt.collateral, attempt.debt, attempt.repay, wanted
        );
        uint256 least = Amounts.partUp(attempt.allowed, attempt.terms.minPartBps);
        if (repaid < least || repaid == 0) revert ICollateralEscrow.RepaidTooLittle(repaid, least);
        _useCap(state, attempt, repaid);
        PositionRecord storage record = state.positions[attempt.positionKey];
        Seizures.clearIfHealthy(record, attempt.positionKey, attempt.terms.adapter, attempt.position);
    }

    /// @dev Repaid per rolling window, as a bucket that empties evenly over the window.
    function _useCap(EscrowState storage state, Attempt calldata attempt, uint256 repaid) private {
        Usage storage usage = state.usage[attempt.market][attempt.debt];
        uint256 cap = attempt.debtTerms.capRepaid;
        uint256 drained =
            attempt.terms.capWindow == 0 ? cap : Math.mulDiv(cap, block.timestamp - usage.at, attempt.terms.capWindow);
        uint256 used = Math.saturatingSub(usage.used, drained) + repaid;
        if (used > cap) revert ICollateralEscrow.RepaidCapExceeded(used, cap);
        usage.used = used.toUint128();
        usage.at = uint64(block.timestamp);
    }

    function _order(Attempt calldata attempt, Route memory route, Size memory size, uint256 repaid)
        private
        view
        returns (Order memory order)
    {
        uint8 decimals = IERC20Metadata(attempt.debt).decimals();
        uint256 routeFee = Amounts.partUp(repaid, route.feeBps);
        uint256 payment = repaid + attempt.debtTerms.keeperFee + routeFee;

        order.intent = attempt.intentDigest;
        order.quote = attempt.quoteDigest;
        order.market = attempt.market;
        order.positionKey = attempt.positionKey;
        order.homeDomain = attempt.localDomain;
        order.homeEscrow = address(this);
        order.payDomain = attempt.quote.payDomain;
        order.payEscrow = route.payEscrow;
        order.collateral = attempt.collateral;
        order.debt = attempt.debt;
        order.payToken = route.payToken;
        order.treasury = route.treasury;
        order.bridge = route.bridge;
        order.solver = attempt.quote.solver;
        order.payout = attempt.quote.payout;
        order.terms = attempt.version;
        order.repaid = repaid.toUint128();
        order.keeperFee = attempt.debtTerms.keeperFee;
        order.routeFee = routeFee.toUint128();
        order.payAmount = Amounts.scaleUp(payment, decimals, route.payDecimals).toUint128();
        order.ask = size.ask.toUint128();
        order.maxAsk = size.maxAsk.toUint128();
        order.bond = size.bond.toUint128();
        order.latePenalty = size.latePenalty.toUint128();
        order.openBy = attempt.openBy;
        order.exclusiveUntil = attempt.openBy + attempt.terms.exclusivity + attempt.terms.clockSkew;
        order.fillDeadline = order.exclusiveUntil + attempt.terms.fillWindow;
        order.expiresAt = order.fillDeadline + attempt.terms.proofWindow;
    }

    function _size(Attempt calldata attempt, uint256 repaid) private pure returns (Size memory size) {
        size.ask = Amounts.proRataAsk(attempt.quote.ask, repaid, attempt.intentRepay);
        uint256 seizable = Amounts.proRataSeizable(attempt.intentSeizable, repaid, attempt.intentRepay);
        size.maxAsk = Math.max(size.ask, Amounts.part(seizable, attempt.terms.maxAskBps));
        size.latePenalty = Amounts.latePenalty(
            repaid, Math.max(seizable, 1), size.maxAsk - size.ask, attempt.terms.lateBountyBps, attempt.terms.bonusBps
        );
        size.bond = Math.max(Amounts.partUp(repaid, attempt.terms.stressBps), size.latePenalty);
    }
}
