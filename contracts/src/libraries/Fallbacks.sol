// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ICollateralEscrow} from "../interfaces/ICollateralEscrow.sol";
import {ILiquidationAdapter} from "../interfaces/ILiquidationAdapter.sol";
import {IMarketRegistry} from "../interfaces/IMarketRegistry.sol";
import {EscrowState, PositionRecord, Terms} from "../types/Types.sol";
import {Digests} from "./Digests.sol";
import {Lots} from "./Lots.sol";
import {Seizures} from "./Seizures.sol";
import {Surplus} from "./Surplus.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Flag and take: the liquidation without an auction. The escrow's code, in a library because of the code size
/// limit.
/// @notice Needs no auctioneer, no gossip and no vault. No cap applies, so no account can stop it by using a cap up.
library Fallbacks {
    using SafeERC20 for IERC20;

    uint256 private constant MAX_POSITION_BYTES = 256;

    /// @dev What a taker pays and may get now.
    struct Offer {
        address collateral;
        address debt;
        uint256 repay; // debt units
        uint256 seizable; // collateral units
        uint256 wanted; // collateral units: the lot
    }

    /// @notice Starts the delay after which anyone may take an unhealthy position.
    function flag(EscrowState storage state, IMarketRegistry registry, bytes32 market, bytes calldata position)
        external
    {
        if (position.length > MAX_POSITION_BYTES) revert ICollateralEscrow.PositionTooLong(position.length);
        bytes32 key = Digests.positionKey(market, position);
        PositionRecord storage record = state.positions[key];
        (Terms memory rules,) = registry.terms(market);
        (address collateral, address debt, uint256 repay,, uint256 health) =
            ILiquidationAdapter(rules.adapter).assess(position);
        registry.landingRules(market, collateral, debt); // reverts when paused or not served
        if (repay == 0) revert ICollateralEscrow.Healthy(health);
        if (record.flaggedAt != 0) {
            (, uint64 lapses) = _window(record.flaggedAt, rules);
            if (block.timestamp <= lapses) revert ICollateralEscrow.AlreadyFlagged(key, lapses);
        }
        record.flaggedAt = uint40(block.timestamp);
        (uint64 from, uint64 lapsesAt) = _window(record.flaggedAt, rules);
        emit ICollateralEscrow.Flagged(key, market, position, from, lapsesAt);
    }

    /// @notice Clears the flag of a position that is healthy now.
    function clear(EscrowState storage state, IMarketRegistry registry, bytes32 market, bytes calldata position)
        external
    {
        bytes32 key = Digests.positionKey(market, position);
        if (state.positions[key].flaggedAt == 0) revert ICollateralEscrow.NotFlagged(key);
        (Terms memory rules,) = registry.terms(market);
        (,,,, uint256 health) = ILiquidationAdapter(rules.adapter).assess(position);
        // Not by the repay amount, which is zero as well while the protocol cannot pay out: a flash loan sees to that.
        if (health < Seizures.HEALTHY) revert ICollateralEscrow.StillUnhealthy(health);
        state.positions[key].flaggedAt = 0;
        emit ICollateralEscrow.FlagCleared(key);
    }

    /// @notice Liquidates a flagged position with the caller's money, for the lot on offer.
    /// @dev What the protocol hands out above the lot is surplus; an adapter that takes exactly leaves it in the
    /// position.
    function take(
        EscrowState storage state,
        IMarketRegistry registry,
        bytes32 market,
        bytes calldata position,
        uint256 leastLot,
        uint256 mostRepay,
        address recipient
    ) external returns (uint256 repaid, uint256 lot) {
        if (recipient == address(0)) revert ICollateralEscrow.ZeroAddress();
        bytes32 key = Digests.positionKey(market, position);
        (Terms memory rules,) = registry.terms(market);
        Offer memory it = _offer(state.positions[key].flaggedAt, key, rules, position);
        if (it.repay > mostRepay) revert ICollateralEscrow.PriceAboveMost(it.repay, mostRepay);

        IERC20(it.debt).safeTransferFrom(msg.sender, rules.adapter, it.repay);
        uint256 seized;
        (repaid, seized) = Seizures.seize(rules.adapter, position, it.collateral, it.debt, it.repay, it.wanted);
        if (repaid == 0) revert ICollateralEscrow.RepaidTooLittle(0, 1);
        if (repaid < it.repay) IERC20(it.debt).safeTransfer(msg.sender, it.repay - repaid);
        lot = it.wanted == it.seizable ? seized : Math.min(seized, Math.mulDiv(it.wanted, repaid, it.repay));
        if (lot < leastLot) revert ICollateralEscrow.LotBelowLeast(lot, leastLot);

        Surplus.split(state, market, key, it.collateral, seized - lot, rules.treasury, rules.borrowerBps);
        Seizures.clearIfHealthy(state.positions[key], key, rules.adapter, position);
        emit ICollateralEscrow.Taken(key, market, msg.sender, recipient, repaid, seized, lot);
        IERC20(it.collateral).safeTransfer(recipient, lot);
    }

    function _offer(uint64 flaggedAt, bytes32 key, Terms memory rules, bytes calldata position)
        private
        returns (Offer memory it)
    {
        uint256 from = _takeableFrom(key, flaggedAt, rules);
        uint256 health;
        (it.collateral, it.debt, it.repay, it.seizable, health) = ILiquidationAdapter(rules.adapter).prepare(position);
        if (it.repay == 0) revert ICollateralEscrow.Healthy(health);
        if (it.collateral == it.debt) revert ICollateralEscrow.WrongTokens(it.collateral, it.debt);
        it.wanted = Lots.rising(it.seizable, rules.minLotBps, from, rules.auctionLength, block.timestamp);
    }

    function _takeableFrom(bytes32 key, uint64 flaggedAt, Terms memory rules) private view returns (uint256) {
        if (flaggedAt == 0) revert ICollateralEscrow.NotFlagged(key);
        (uint64 from, uint64 lapsesAt) = _window(flaggedAt, rules);
        if (block.timestamp < from) revert ICollateralEscrow.NotTakeableYet(from);
        if (block.timestamp > lapsesAt) revert ICollateralEscrow.FlagLapsed(lapsesAt);
        return from;
    }

    /// @dev A flag's take opens after the delay, its lot rises for one auction length and rests for another.
    function _window(uint64 flaggedAt, Terms memory rules) private pure returns (uint64 from, uint64 lapsesAt) {
        from = flaggedAt + rules.takeDelay;
        lapsesAt = from + 2 * uint64(rules.auctionLength);
    }
}
