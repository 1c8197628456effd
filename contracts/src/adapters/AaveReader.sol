// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {
    AaveEMode,
    AaveEModeCollateral,
    AaveReserve,
    IAaveAddressesProvider,
    IAaveOracle,
    IAavePool
} from "../interfaces/external/IAaveV3.sol";
import {AaveLiquidation} from "./AaveLiquidation.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title Reads accounts of an Aave v3 pool, of every 3.x version.
/// @notice A pool is a proxy whose version can change at any time, and its revision number has no common meaning across
/// networks. The reader therefore asks the pool for each feature at each call.
abstract contract AaveReader {
    /// @dev A user's efficiency mode; all zero: none.
    struct Mode {
        uint256 id;
        bool byBitmap; // since 3.2 a mode lists its reserves; before, a reserve named its mode
        bool complete; // since 3.6 its own LTV bears on withdrawals, and its collateral needs no threshold of its own
        uint256 collaterals; // bitmap of reserve ids
        uint256 zeroLtv; // bitmap of reserve ids
        uint256 ltv;
        uint256 threshold;
        uint256 bonus; // 10_000 + bonus
        address priceSource; // before 3.2
    }

    /// @notice The pool's registry of contracts.
    IAaveAddressesProvider public immutable ADDRESSES_PROVIDER;
    IAavePool private immutable POOL;

    uint256 internal constant BORROWING_BITS = type(uint256).max / 3; // 0101…
    uint256 internal constant COLLATERAL_BITS = BORROWING_BITS << 1; // 1010…
    uint256 internal constant ACTIVE = 1 << 56;
    uint256 internal constant FROZEN = 1 << 57;
    uint256 internal constant PAUSED = 1 << 60;
    uint256 private constant VIRTUAL = 1 << 252;

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

    /// @dev The user's efficiency mode, by bitmaps where the pool knows them.
    function _mode(address user) internal view returns (Mode memory mode) {
        mode.id = POOL.getUserEMode(user);
        if (mode.id == 0) return mode;
        // forge-lint: disable-next-line(unsafe-typecast)
        uint8 id = uint8(mode.id);
        (mode.byBitmap, mode.collaterals) = _probe(abi.encodeCall(IAavePool.getEModeCategoryCollateralBitmap, (id)));
        if (mode.byBitmap) {
            AaveEModeCollateral memory terms = POOL.getEModeCategoryCollateralConfig(id);
            (mode.ltv, mode.threshold, mode.bonus) = (terms.ltv, terms.liquidationThreshold, terms.liquidationBonus);
            (mode.complete, mode.zeroLtv) = _probe(abi.encodeCall(IAavePool.getEModeCategoryLtvzeroBitmap, (id)));
        } else {
            AaveEMode memory category = POOL.getEModeCategoryData(id);
            (mode.threshold, mode.bonus) = (category.liquidationThreshold, category.liquidationBonus);
            (mode.ltv, mode.priceSource) = (category.ltv, category.priceSource);
        }
    }

    /// @dev Whether a collateral counts at its user's efficiency mode's terms.
    function _inMode(Mode memory mode, uint256 configuration, uint256 id) internal pure returns (bool) {
        if (mode.id == 0) return false;
        return mode.byBitmap ? mode.collaterals >> id & 1 == 1 : uint8(configuration >> 168) == mode.id;
    }

    /// @dev Whether a reserve can be its user's collateral at all.
    function _canBeCollateral(Mode memory mode, uint256 configuration, uint256 id) internal pure returns (bool) {
        return uint16(configuration >> 16) != 0 || (mode.complete && _inMode(mode, configuration, id));
    }

    /// @dev Loan to value of a collateral as it bears on withdrawals.
    function _ltv(Mode memory mode, uint256 configuration, uint256 id) internal pure returns (uint256) {
        if (!mode.complete || !_inMode(mode, configuration, id)) return uint16(configuration);
        return mode.zeroLtv >> id & 1 == 1 ? 0 : mode.ltv;
    }

    /// @dev A collateral's part in its user's health: its value in base currency, and its threshold in basis points.
    function _backing(address user, address asset, Mode memory mode)
        internal
        view
        returns (uint256 value, uint256 threshold)
    {
        AaveReserve memory reserve = _reserve(asset);
        value = _value(asset, reserve, mode, IERC20(reserve.aToken).balanceOf(user));
        bool inMode = _inMode(mode, reserve.configuration, reserve.id);
        threshold = inMode ? mode.threshold : uint16(reserve.configuration >> 16);
    }

    /// @dev Value in base currency, at the price that the user's efficiency mode gives it.
    function _value(address asset, AaveReserve memory reserve, Mode memory mode, uint256 amount)
        internal
        view
        returns (uint256)
    {
        bool priced = mode.priceSource != address(0) && _inMode(mode, reserve.configuration, reserve.id);
        uint256 price = _oracle().getAssetPrice(priced ? mode.priceSource : asset);
        return (amount * price) / 10 ** uint8(reserve.configuration >> 48);
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
        bool inMode = _inMode(mode, configuration, pair.collateral.id);
        bool priced = mode.priceSource != address(0);
        pair.balance = IERC20(pair.collateral.aToken).balanceOf(user);
        pair.collateralPrice = oracle.getAssetPrice(inMode && priced ? mode.priceSource : collateral);
        pair.debtPrice = oracle.getAssetPrice(priced ? mode.priceSource : debt);
        pair.collateralUnit = 10 ** uint8(configuration >> 48);
        pair.debtUnit = 10 ** uint8(pair.debt.configuration >> 48);
        pair.threshold = inMode ? mode.threshold : uint16(configuration >> 16);
        pair.bonus = inMode ? mode.bonus : uint16(configuration >> 32);
        pair.fee = uint16(configuration >> 152);
        (pair.recent,) = _probe(abi.encodeCall(IAavePool.getReserveDeficit, (debt)));
    }

    /// @dev What the user owes at either rate; stable debt ended with 3.2.
    function _owed(address user, AaveReserve memory debt) internal view returns (uint256 stable, uint256 variable_) {
        variable_ = IERC20(debt.variableDebtToken).balanceOf(user);
        if (debt.stableDebtToken.code.length != 0) stable = IERC20(debt.stableDebtToken).balanceOf(user);
    }

    /// @dev The amount that a reserve can hand out: its tokens, and since 3.1 at most the cash in the pool's own
    /// accounts.
    function _cash(address asset, AaveReserve memory reserve) internal view returns (uint256 cash) {
        cash = IERC20(asset).balanceOf(reserve.aToken);
        if (reserve.configuration & VIRTUAL == 0) return cash;
        (bool known, uint256 recorded) = _probe(abi.encodeCall(IAavePool.getVirtualUnderlyingBalance, (asset)));
        if (known && recorded < cash) cash = recorded;
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

    /// @dev Calls a getter that some versions do not have.
    function _probe(bytes memory getter) internal view returns (bool known, uint256 word) {
        bytes memory answer;
        (known, answer) = address(POOL).staticcall(getter);
        known = known && answer.length == 32;
        if (known) word = abi.decode(answer, (uint256));
    }
}
