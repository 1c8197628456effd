// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAaveAddressesProvider, IAaveOracle, IAavePool, IAaveSentinel} from "../interfaces/external/IAaveV3.sol";
import {AaveAdapter} from "./AaveAdapter.sol";
import {AaveLiquidation} from "./AaveLiquidation.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Liquidates positions of one Aave v3 pool.
/// @notice A position is `abi.encode(address user, address collateral, address debt)`.
/// @dev Serves every 3.x version, and a pool that is upgraded from one to another: what differs (grace periods since 3.1,
/// efficiency modes since 3.2, close factor, dust and deficits since 3.3) is found by asking the pool at each call.
contract AaveV3Adapter is AaveAdapter {
    using AaveLiquidation for AaveLiquidation.Pair;

    uint256 private constant HEALTHY = 1e18;
    uint256 private constant CLOSE_FACTOR_HEALTH = 0.95e18;
    /// @dev What the roundings of one seizure can add up to in collateral units; those of its price, to one debt unit.
    uint256 private constant ROUNDING = 4;

    /// @notice Whether a user's last liquidation left bad debt. Since 3.3 Aave writes it off in the same call, so its own
    /// state can't tell afterwards.
    mapping(address user => bool left) public leftBadDebt;

    /// @param provider The pool's addresses provider.
    /// @param escrow The only account that may liquidate.
    /// @param badDebtRecipient Gets the surplus of accounts left with debt and no collateral.
    /// @param maxPriceAge Oldest aggregator answer accepted, in seconds.
    constructor(IAaveAddressesProvider provider, address escrow, address badDebtRecipient, uint256 maxPriceAge)
        AaveAdapter(provider, escrow, badDebtRecipient, maxPriceAge)
    {}

    /// @notice What Aave would liquidate now. The health factor is the account's, over all its reserves, and the prices
    /// of all of them must be fresh.
    /// @param position abi.encode(user, collateral, debt).
    /// @return collateral The position's collateral asset.
    /// @return debt The position's debt asset.
    /// @return repay Debt that one call takes: bounded by close factor, dust, collateral, and the collateral's cash.
    /// @return seizable Collateral it hands out, after the protocol's fee.
    /// @return health The account's health factor, WAD.
    function assess(bytes calldata position)
        external
        view
        returns (address collateral, address debt, uint256 repay, uint256 seizable, uint256 health)
    {
        address user;
        (user, collateral, debt) = _decode(position);
        Mode memory mode = _mode(user);
        IAaveOracle oracle = _oracle();
        _requireFreshPrices(user, mode, oracle);

        uint256 totalDebt;
        (, totalDebt,,,, health) = _pool().getUserAccountData(user);
        if (health >= HEALTHY) return (collateral, debt, 0, 0, health);

        AaveLiquidation.Pair memory pair = _pair(user, collateral, debt, mode, oracle);
        if (!_isOpen(user, collateral, debt, pair, health)) return (collateral, debt, 0, 0, health);
        pair.owed = _allOwed(user, pair);
        (repay, seizable) = pair.outcome(pair.withoutDust(pair.mostDebt(health, totalDebt)));

        uint256 cash = _cash(collateral, pair.collateral);
        if (seizable > cash) {
            uint256 part = Math.mulDiv(repay, Math.saturatingSub(cash, ROUNDING), seizable);
            (repay, seizable) = pair.outcome(pair.withoutDust(Math.saturatingSub(part, 1)));
        }
        if (repay == 0 || seizable == 0) (repay, seizable) = (0, 0);
    }

    /// @dev Where `repay` buys all the collateral, Aave is asked for the most and bounds itself by the balance: asking
    /// for the exact amount could leave a rounding's worth of collateral in a position that should have none.
    function _liquidate(bytes calldata position, uint256 repay, uint256, address) internal override {
        (address user, address collateral, address debt) = _decode(position);
        AaveLiquidation.Pair memory pair = _pair(user, collateral, debt, _mode(user), _oracle());
        uint256 debtToCover = pair.recent ? _withoutDust(user, pair, repay) : repay;
        if (debtToCover == repay && repay >= pair.priceOfAll()) debtToCover = type(uint256).max;
        uint256 borrowed = pair.recent ? _pool().getUserConfiguration(user) & BORROWING_BITS : 0;
        uint256 before = pair.recent ? IERC20(debt).balanceOf(address(this)) : 0;
        _pool().liquidationCall(collateral, debt, user, debtToCover, false);
        if (!pair.recent) return;
        bool all = before - IERC20(debt).balanceOf(address(this)) >= pair.owed;
        _noteBadDebt(user, all ? borrowed & ~(1 << (2 * uint256(pair.debt.id))) : borrowed);
    }

    function _leftBadDebt(address user) internal view override returns (bool) {
        return leftBadDebt[user] || super._leftBadDebt(user);
    }

    /// @dev Most of `repay` that Aave takes since 3.3. Sets what the pair owes.
    function _withoutDust(address user, AaveLiquidation.Pair memory pair, uint256 repay)
        private
        view
        returns (uint256)
    {
        (, uint256 totalDebt,,,, uint256 health) = _pool().getUserAccountData(user);
        pair.owed = _allOwed(user, pair);
        uint256 most = pair.mostDebt(health, totalDebt);
        uint256 debtToCover = pair.withoutDust(Math.min(repay, most));
        return debtToCover == most ? repay : debtToCover;
    }

    /// @dev Debt was written off if reserves that this liquidation left unpaid count as borrowed no more.
    function _noteBadDebt(address user, uint256 unpaid) private {
        uint256 used = _pool().getUserConfiguration(user);
        bool left = unpaid != 0 && used & (BORROWING_BITS | COLLATERAL_BITS) == 0;
        if (leftBadDebt[user] != left) leftBadDebt[user] = left;
    }

    /// @dev Debt at both rates, which one call takes together.
    function _allOwed(address user, AaveLiquidation.Pair memory pair) private view returns (uint256) {
        (uint256 stable, uint256 variable_) = _owed(user, pair.debt);
        return stable + variable_;
    }

    /// @dev What ValidationLogic.validateLiquidationCall asks beside health, and 3.1's grace periods where they exist.
    function _isOpen(address user, address collateral, address debt, AaveLiquidation.Pair memory pair, uint256 health)
        private
        view
        returns (bool)
    {
        if (!_areOpen(pair) || uint16(pair.collateral.configuration >> 16) == 0) return false;
        if (!_isCollateral(user, pair.collateral.id)) return false;
        if (_inGracePeriod(collateral) || _inGracePeriod(debt)) return false;
        address sentinel = ADDRESSES_PROVIDER.getPriceOracleSentinel();
        return sentinel == address(0) || health < CLOSE_FACTOR_HEALTH || IAaveSentinel(sentinel).isLiquidationAllowed();
    }

    function _inGracePeriod(address asset) private view returns (bool) {
        (bool known, uint256 until) = _probe(abi.encodeCall(IAavePool.getLiquidationGracePeriod, (asset)));
        return known && until >= block.timestamp;
    }
}
