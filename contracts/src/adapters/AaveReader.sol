// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {
    AaveEModeCollateral,
    AaveReserve,
    IAaveAddressesProvider,
    IAaveOracle,
    IAavePool,
    IAaveSentinel
} from "../interfaces/external/IAaveV3.sol";
import {AaveLiquidation} from "./AaveLiquidation.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Reads accounts of an Aave v3 pool, of 3.6 and later.
abstract contract AaveReader {
    /// @dev A user's efficiency mode; all zero: none.
    struct Mode {
        uint256 collaterals; // bitmap of reserve ids
        uint256 zeroLtv; // bitmap of reserve ids
        uint256 ltv;
        uint256 threshold;
        uint256 bonus; // 10_000 + bonus
    }

    /// @notice The pool's registry of contracts.
    IAaveAddressesProvider public immutable ADDRESSES_PROVIDER;
    IAavePool private immutable POOL;

    uint256 internal constant BORROWING_BITS = type(uint256).max / 3; // 0101…
    uint256 internal constant COLLATERAL_BITS = BORROWING_BITS << 1; // 1010…
    uint256 internal constant ACTIVE = 1 << 56;
    uint256 internal constant FROZEN = 1 << 57;
    uint256 internal constant PAUSED = 1 << 60;

    error UnknownReserve(address asset);

    constructor(IAaveAddressesProvider provider) {
        ADDRESSES_PROVIDER = provider;
        POOL = IAavePool(provider.getPool());
    }

    function _pool() internal view returns (IAavePool) {
        return POOL;
    }

    function _oracle() internal view returns (IAaveOracle) {
        return IAaveOracle(ADDRESSES_PROVIDER.getPriceOracle());
    }

    function _reserve(address asset) internal view returns (AaveReserve memory reserve) {
        reserve = POOL.getReserveData(asset);
        if (reserve.aToken == address(0)) revert UnknownReserve(asset);
    }

    /// @dev A user's configuration: two bits for each reserve, borrowed (even) and used as collateral (odd).
    function _used(address user) internal view returns (uint256) {
        return POOL.getUserConfiguration(user);
    }

    /// @dev A user's sums over all reserves: collateral and debt in base currency, the average threshold in basis
    /// points, health in WAD.
    function _sums(address user) internal view returns (uint256 held, uint256 owed, uint256 threshold, uint256 health) {
        (held, owed,, threshold,, health) = POOL.getUserAccountData(user);
    }

    /// @dev The user's efficiency mode.
    function _mode(address user) internal view returns (Mode memory mode) {
        // forge-lint: disable-next-line(unsafe-typecast)
        uint8 id = uint8(POOL.getUserEMode(user));
        if (id == 0) return mode;
        AaveEModeCollateral memory terms = POOL.getEModeCategoryCollateralConfig(id);
        (mode.ltv, mode.threshold, mode.bonus) = (terms.ltv, terms.liquidationThreshold, terms.liquidationBonus);
        mode.collaterals = POOL.getEModeCategoryCollateralBitmap(id);
        mode.zeroLtv = POOL.getEModeCategoryLtvzeroBitmap(id);
    }

    /// @dev Whether a collateral counts at its user's efficiency mode's terms.
    function _inMode(Mode memory mode, uint256 id) internal pure returns (bool) {
        return mode.collaterals >> id & 1 == 1;
    }

    /// @dev Loan to value of a collateral as it bears on withdrawals.
    function _ltv(Mode memory mode, uint256 configuration, uint256 id) internal pure returns (uint256) {
        if (!_inMode(mode, id)) return uint16(configuration);
        return mode.zeroLtv >> id & 1 == 1 ? 0 : mode.ltv;
    }

    /// @dev A collateral's part in its user's health: its value in base currency, and its threshold in basis points.
    function _backing(address user, address asset, Mode memory mode)
        internal
        view
        returns (uint256 value, uint256 threshold)
    {
        AaveReserve memory reserve = _reserve(asset);
        uint256 held = IERC20(reserve.aToken).balanceOf(user);
        value = (held * _oracle().getAssetPrice(asset)) / _unit(reserve);
        threshold = _inMode(mode, reserve.id) ? mode.threshold : uint16(reserve.configuration >> 16);
    }

    /// @dev What the user owes of a reserve.
    function _owed(address user, AaveReserve memory reserve) internal view returns (uint256) {
        return IERC20(reserve.variableDebtToken).balanceOf(user);
    }

    /// @dev Units in one whole token of a reserve.
    function _unit(AaveReserve memory reserve) internal pure returns (uint256) {
        return 10 ** uint8(reserve.configuration >> 48);
    }

    /// @dev Reads balances, prices, units, threshold, bonus and fee as LiquidationLogic does, the user's efficiency
    /// mode included.
    function _pair(address user, address collateral, address debt, Mode memory mode, IAaveOracle oracle)
        internal
        view
        returns (AaveLiquidation.Pair memory pair)
    {
        pair.collateral = _reserve(collateral);
        pair.debt = _reserve(debt);
        uint256 configuration = pair.collateral.configuration;
        bool inMode = _inMode(mode, pair.collateral.id);
        pair.balance = IERC20(pair.collateral.aToken).balanceOf(user);
        pair.owed = _owed(user, pair.debt);
        pair.collateralPrice = oracle.getAssetPrice(collateral);
        pair.debtPrice = oracle.getAssetPrice(debt);
        (pair.collateralUnit, pair.debtUnit) = (_unit(pair.collateral), _unit(pair.debt));
        pair.threshold = inMode ? mode.threshold : uint16(configuration >> 16);
        pair.bonus = inMode ? mode.bonus : uint16(configuration >> 32);
        pair.fee = uint16(configuration >> 152);
    }

    /// @dev The amount that a reserve can hand out: its tokens, and at most the cash in the pool's own accounts.
    function _cash(address asset, AaveReserve memory reserve) internal view returns (uint256) {
        return Math.min(IERC20(asset).balanceOf(reserve.aToken), POOL.getVirtualUnderlyingBalance(asset));
    }

    /// @dev Whether both reserves are active and neither is paused.
    function _areOpen(AaveLiquidation.Pair memory pair) internal pure returns (bool) {
        uint256 either = pair.collateral.configuration | pair.debt.configuration;
        return pair.collateral.configuration & pair.debt.configuration & ACTIVE != 0 && either & PAUSED == 0;
    }

    /// @dev Whether a deposit in a reserve counts as collateral, by its user's configuration.
    function _isCollateral(uint256 used, uint256 id) internal pure returns (bool) {
        return used >> (2 * id + 1) & 1 == 1;
    }

    /// @dev Whether Aave protects an account of this health from liquidation now: the sequencer is down or was so
    /// recently, or one of the two reserves is in its grace period after a pause.
    function _isProtected(address collateral, address debt, uint256 health) internal view returns (bool) {
        if (POOL.getLiquidationGracePeriod(collateral) >= block.timestamp) return true;
        if (POOL.getLiquidationGracePeriod(debt) >= block.timestamp) return true;
        if (health < AaveLiquidation.CLOSE_FACTOR_HEALTH) return false;
        address sentinel = ADDRESSES_PROVIDER.getPriceOracleSentinel();
        return sentinel != address(0) && !IAaveSentinel(sentinel).isLiquidationAllowed();
    }
}
