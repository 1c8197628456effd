// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IBackstopVault} from "../interfaces/IBackstopVault.sol";
import {ICollateralEscrow} from "../interfaces/ICollateralEscrow.sol";
import {IMarketRegistry} from "../interfaces/IMarketRegistry.sol";
import {ISolverBonds} from "../interfaces/ISolverBonds.sol";
import {EscrowState, Order, OrderRecord, OrderState, PositionRecord, Route, Trial, Usage} from "../types/Types.sol";
import {Amounts} from "./Amounts.sol";
import {Digests} from "./Digests.sol";
import {Seizures} from "./Seizures.sol";
import {Surplus} from "./Surplus.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title The trial of a ranked quote: the escrow's code, in a library because of the code size limit.
/// @notice The escrow delegates here with fixed gas; a revert undoes the trial and nothing else.
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

    /// @notice One trial of a local quote: payment in, liquidation, collateral out.
    function liquidate(EscrowState storage state, Trial calldata trial) external {
        state.positions[trial.positionKey].round = uint40(trial.round + 1);
        address solver = trial.quote.solver;
        IERC20(trial.debt).safeTransferFrom(solver, trial.terms.adapter, trial.repay);
        if (trial.debtTerms.keeperFee != 0) {
            IERC20(trial.debt).safeTransferFrom(solver, trial.lander, trial.debtTerms.keeperFee);
        }
        uint256 wanted = Amounts.proRataAsk(trial.quote.ask, trial.repay, trial.intentRepay);
        (uint256 repaid, uint256 seized) = _seize(state, trial, wanted);
        if (repaid < trial.repay) IERC20(trial.debt).safeTransfer(solver, trial.repay - repaid);

        uint256 ask = Amounts.proRataAsk(trial.quote.ask, repaid, trial.intentRepay);
        if (ask > seized) revert ICollateralEscrow.AskAboveSeized(ask, seized);
        Surplus.split(
            state,
            trial.market,
            trial.positionKey,
            trial.collateral,
            seized - ask,
            trial.terms.treasury,
            trial.terms.borrowerBps
        );
        // A refused payout must not undo the liquidation: a quote that can only fail would keep others from winning.
        if (ask != 0) Surplus.push(state, trial.collateral, trial.quote.payout, ask);
        emit ICollateralEscrow.Liquidated(
            trial.intentDigest, trial.quoteDigest, trial.positionKey, solver, repaid, seized, ask
        );
    }

    /// @notice One trial of a remote quote: the vault fronts, the lot stays here, the bond is locked.
    /// @return orderId Zero when the bond does not cover the order: the account's fault, read before anything is tried.
    /// @return free The account's free bond, debt units.
    /// @return bond What the order needs of it, debt units.
    function open(EscrowState storage state, Trial calldata trial)
        external
        returns (bytes32 orderId, uint256 free, uint256 bond)
    {
        free = ISolverBonds(trial.bonds).freeOf(trial.quote.solver, trial.debt);
        Size memory size = _size(trial, trial.repay);
        bond = size.bond;
        if (free < bond) return (0, free, bond);
        Route memory route = IMarketRegistry(trial.registry).route(trial.market, trial.debt, trial.quote.payDomain);
        if (!route.enabled) revert ICollateralEscrow.RouteDisabled(trial.quote.payDomain);
        state.positions[trial.positionKey].round = uint40(trial.round + 1);

        IBackstopVault vault = IBackstopVault(trial.debtTerms.vault);
        vault.front(
            trial.market,
            trial.debtTerms.capPrincipal,
            trial.terms.adapter,
            trial.repay,
            trial.lander,
            trial.debtTerms.keeperFee
        );
        (uint256 repaid, uint256 seized) = _seize(state, trial, trial.intentSeizable);
        if (repaid < trial.repay) {
            IERC20(trial.debt).safeTransfer(address(vault), trial.repay - repaid);
            vault.giveBack(trial.market, trial.repay - repaid);
            size = _size(trial, repaid);
        }

        Order memory order = _order(trial, route, size, repaid);
        if (seized < order.maxAsk) revert ICollateralEscrow.LotTooSmall(seized, order.maxAsk);
        orderId = Digests.orderId(order);
        if (state.orders[orderId].state != OrderState.None) revert ICollateralEscrow.OrderExists(orderId);
        state.orders[orderId] = OrderRecord(OrderState.Open, seized.toUint128(), 0);
        ISolverBonds(trial.bonds).lock(order.solver, trial.debt, order.bond);
        emit ICollateralEscrow.Opened(orderId, trial.intentDigest, trial.positionKey, seized, order);
    }

    /// @notice Punishes an account that did not keep its quote: suspension, and a forfeit of at most its free bond.
    /// Once for each intent and account, regardless of which quote lands.
    function fade(EscrowState storage state, Trial calldata trial) external {
        address solver = trial.quote.solver;
        if (state.faded[trial.intentDigest][solver]) return;
        state.faded[trial.intentDigest][solver] = true;
        IERC20 debt = IERC20(trial.debt);
        address vault = trial.debtTerms.vault;
        uint256 before = debt.balanceOf(vault);
        uint256 penalty = Amounts.partUp(trial.intentRepay, trial.terms.fadeBps);
        uint256 taken = ISolverBonds(trial.bonds).fade(solver, trial.debt, penalty, vault);
        if (taken != 0) {
            IBackstopVault(vault).absorbForfeit(trial.market, trial.intentDigest, debt.balanceOf(vault) - before);
        }
        emit ICollateralEscrow.Faded(trial.intentDigest, solver, trial.quoteDigest, taken);
    }

    function _seize(EscrowState storage state, Trial calldata trial, uint256 wanted)
        private
        returns (uint256 repaid, uint256 seized)
    {
        (repaid, seized) = Seizures.seize(
            trial.terms.adapter, trial.position, trial.collateral, trial.debt, trial.repay, wanted
        );
        uint256 least = Amounts.partUp(trial.allowed, trial.terms.minPartBps);
        if (repaid < least || repaid == 0) revert ICollateralEscrow.RepaidTooLittle(repaid, least);
        _useCap(state, trial, repaid);
        PositionRecord storage record = state.positions[trial.positionKey];
        Seizures.clearIfHealthy(record, trial.positionKey, trial.terms.adapter, trial.position);
    }

    /// @dev Repaid per rolling window, as a bucket that empties evenly over the window.
    function _useCap(EscrowState storage state, Trial calldata trial, uint256 repaid) private {
        Usage storage usage = state.usage[trial.market][trial.debt];
        uint256 cap = trial.debtTerms.capRepaid;
        uint256 drained =
            trial.terms.capWindow == 0 ? cap : Math.mulDiv(cap, block.timestamp - usage.at, trial.terms.capWindow);
        uint256 used = Math.saturatingSub(usage.used, drained) + repaid;
        if (used > cap) revert ICollateralEscrow.RepaidCapExceeded(used, cap);
        usage.used = used.toUint128();
        usage.at = uint64(block.timestamp);
    }

    function _order(Trial calldata trial, Route memory route, Size memory size, uint256 repaid)
        private
        view
        returns (Order memory order)
    {
        uint8 decimals = IERC20Metadata(trial.debt).decimals();
        uint256 routeFee = Amounts.partUp(repaid, route.feeBps);
        uint256 payment = repaid + trial.debtTerms.keeperFee + routeFee;

        order.intent = trial.intentDigest;
        order.quote = trial.quoteDigest;
        order.market = trial.market;
        order.positionKey = trial.positionKey;
        order.homeDomain = trial.localDomain;
        order.homeEscrow = address(this);
        order.payDomain = trial.quote.payDomain;
        order.payEscrow = route.payEscrow;
        order.collateral = trial.collateral;
        order.debt = trial.debt;
        order.payToken = route.payToken;
        order.treasury = route.treasury;
        order.bridge = route.bridge;
        order.solver = trial.quote.solver;
        order.payout = trial.quote.payout;
        order.terms = trial.version;
        order.repaid = repaid.toUint128();
        order.keeperFee = trial.debtTerms.keeperFee;
        order.routeFee = routeFee.toUint128();
        order.payAmount = Amounts.scaleUp(payment, decimals, route.payDecimals).toUint128();
        order.ask = size.ask.toUint128();
        order.maxAsk = size.maxAsk.toUint128();
        order.bond = size.bond.toUint128();
        order.latePenalty = size.latePenalty.toUint128();
        order.openBy = trial.openBy;
        order.exclusiveUntil = trial.openBy + trial.terms.exclusivity + trial.terms.clockSkew;
        order.fillDeadline = order.exclusiveUntil + trial.terms.fillWindow;
        order.expiresAt = order.fillDeadline + trial.terms.proofWindow;
    }

    function _size(Trial calldata trial, uint256 repaid) private pure returns (Size memory size) {
        size.ask = Amounts.proRataAsk(trial.quote.ask, repaid, trial.intentRepay);
        uint256 seizable = Amounts.proRataSeizable(trial.intentSeizable, repaid, trial.intentRepay);
        size.maxAsk = Math.max(size.ask, Amounts.part(seizable, trial.terms.maxAskBps));
        size.latePenalty = Amounts.latePenalty(
            repaid, Math.max(seizable, 1), size.maxAsk - size.ask, trial.terms.lateBountyBps, trial.terms.bonusBps
        );
        size.bond = Math.max(Amounts.partUp(repaid, trial.terms.stressBps), size.latePenalty);
    }
}
