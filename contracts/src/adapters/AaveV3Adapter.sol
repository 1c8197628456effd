// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {
    AaveEMode,
    AaveReserve,
    IAaveAddressesProvider,
    IAaveOracle,
    IAavePool,
    IAaveSentinel
} from "../interfaces/external/IAaveV3.sol";
import {AaveLiquidation} from "./AaveLiquidation.sol";
import {ProtocolAdapter} from "./ProtocolAdapter.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Liquidates positions of one Aave v3 pool.
/// @notice A position is `abi.encode(address user, address collateral, address debt)`.
/// @dev Follows Aave 3.0 step by step. What later generations decide otherwise (close factor, dust) is all in `_mostDebt`.
contract AaveV3Adapter is ProtocolAdapter {
    using AaveLiquidation for AaveLiquidation.Pair;
    using SafeERC20 for IERC20;

    /// @notice The pool's registry of contracts.
    IAaveAddressesProvider public immutable ADDRESSES_PROVIDER;

    uint256 private constant HEALTHY = 1e18;
    uint256 private constant CLOSE_FACTOR_HEALTH = 0.95e18;
    uint256 private constant CLOSE_FACTOR = 5000;
    uint256 private constant RAY = 1e27;
    /// @dev What the roundings of one seizure can add up to in collateral units; those of its price, to one debt unit.
    uint256 private constant ROUNDING = 4;
    uint256 private constant BORROWING_BITS = type(uint256).max / 3; // 0101…
    uint256 private constant COLLATERAL_BITS = BORROWING_BITS << 1; // 1010…
    uint256 private constant ACTIVE = 1 << 56;
    uint256 private constant FROZEN = 1 << 57;
    uint256 private constant PAUSED = 1 << 60;
    uint256 private constant SUPPLY_CAP_MASK = 2 ** 36 - 1; // whole tokens

    error UnknownReserve(address asset);

    /// @param provider The pool's addresses provider.
    /// @param escrow The only account that may liquidate.
    /// @param badDebtRecipient Gets the surplus of accounts left with debt and no collateral.
    /// @param maxPriceAge Oldest aggregator answer accepted, in seconds.
    constructor(IAaveAddressesProvider provider, address escrow, address badDebtRecipient, uint256 maxPriceAge)
        ProtocolAdapter(provider.getPool(), escrow, badDebtRecipient, maxPriceAge)
    {
        ADDRESSES_PROVIDER = provider;
    }

    /// @notice What Aave would liquidate now. The health factor is the account's, over all its reserves, and the prices
    /// of all of them must be fresh.
    /// @param position abi.encode(user, collateral, debt).
    /// @return collateral The position's collateral asset.
    /// @return debt The position's debt asset.
    /// @return repay Debt that one call takes: bounded by close factor, collateral, and the collateral reserve's cash.
    /// @return seizable Collateral it hands out, after the protocol's fee.
    /// @return health The account's health factor, WAD.
    function assess(bytes calldata position)
        external
        view
        returns (address collateral, address debt, uint256 repay, uint256 seizable, uint256 health)
    {
        address user;
        (user, collateral, debt) = _decode(position);
        IAaveOracle oracle = IAaveOracle(ADDRESSES_PROVIDER.getPriceOracle());
        (uint256 mode, AaveEMode memory category) = _eMode(user);
        _requireFreshPrices(user, mode, category.priceSource, oracle);

        (,,,,, health) = _pool().getUserAccountData(user);
        if (health >= HEALTHY) return (collateral, debt, 0, 0, health);

        AaveLiquidation.Pair memory pair = _pair(user, collateral, debt, mode, category, oracle);
        if (!_isOpen(user, collateral, debt, pair, health)) return (collateral, debt, 0, 0, health);
        (repay, seizable) = pair.outcome(_mostDebt(user, pair.debt, health));

        uint256 cash = IERC20(collateral).balanceOf(pair.collateral.aToken);
        if (seizable > cash) {
            uint256 part = Math.mulDiv(repay, Math.saturatingSub(cash, ROUNDING), seizable);
            (repay, seizable) = pair.outcome(Math.saturatingSub(part, 1));
        }
        if (repay == 0 || seizable == 0) (repay, seizable) = (0, 0);
    }

    /// @notice Supplies the surplus on the user's behalf; hands it over where the reserve takes no deposit (inactive,
    /// frozen, paused, cap reached). An account with debt and no collateral at all gets none.
    /// @param position abi.encode(user, collateral, debt).
    /// @param amount Collateral units already here.
    /// @dev Escrow only. Aave enables a user's first deposit of an asset as collateral by itself, and that only; one who
    /// holds the asset but doesn't use it as collateral finds the surplus in that balance. The conditions are read, not
    /// tried, so that a caller who gives too little gas can't choose the outcome.
    function returnSurplus(bytes calldata position, uint256 amount) external onlyEscrow {
        (address user, address collateral,) = _decode(position);
        if (amount == 0) return;
        uint256 used = _pool().getUserConfiguration(user);
        if (used & BORROWING_BITS != 0 && used & COLLATERAL_BITS == 0) {
            IERC20(collateral).safeTransfer(BAD_DEBT_RECIPIENT, amount);
        } else if (_takesDeposit(collateral, amount)) {
            IERC20(collateral).forceApprove(PROTOCOL, amount);
            _pool().supply(collateral, amount, user, 0);
        } else {
            IERC20(collateral).safeTransfer(user, amount);
        }
    }

    /// @dev Where `repay` buys all the collateral, Aave is asked for the most and bounds itself by the balance: asking
    /// for the exact amount could leave a rounding's worth of collateral in a position that should have none.
    function _liquidate(bytes calldata position, uint256 repay) internal override {
        (address user, address collateral, address debt) = _decode(position);
        (uint256 mode, AaveEMode memory category) = _eMode(user);
        IAaveOracle oracle = IAaveOracle(ADDRESSES_PROVIDER.getPriceOracle());
        uint256 priceOfAll = _pair(user, collateral, debt, mode, category, oracle).priceOfAll();
        uint256 debtToCover = repay < priceOfAll ? repay : type(uint256).max;
        _pool().liquidationCall(collateral, debt, user, debtToCover, false);
    }

    function _tokens(bytes calldata position) internal pure override returns (IERC20, IERC20) {
        (, address collateral, address debt) = _decode(position);
        return (IERC20(collateral), IERC20(debt));
    }

    /// @dev Most debt one call may name, by health: LiquidationLogic._calculateDebt.
    function _mostDebt(address user, AaveReserve memory debt, uint256 health) private view returns (uint256 most) {
        most = IERC20(debt.variableDebtToken).balanceOf(user);
        if (debt.stableDebtToken != address(0)) most += IERC20(debt.stableDebtToken).balanceOf(user);
        return health > CLOSE_FACTOR_HEALTH ? AaveLiquidation.percentMul(most, CLOSE_FACTOR) : most;
    }

    /// @dev What ValidationLogic.validateLiquidationCall asks beside health, and 3.1's grace periods where they exist.
    function _isOpen(address user, address collateral, address debt, AaveLiquidation.Pair memory pair, uint256 health)
        private
        view
        returns (bool)
    {
        uint256 configuration = pair.collateral.configuration;
        if (configuration & pair.debt.configuration & ACTIVE == 0) return false;
        if ((configuration | pair.debt.configuration) & PAUSED != 0) return false;
        if (uint16(configuration >> 16) == 0) return false;
        if (_pool().getUserConfiguration(user) >> (2 * pair.collateral.id + 1) & 1 == 0) return false;
        if (_inGracePeriod(collateral) || _inGracePeriod(debt)) return false;
        address sentinel = ADDRESSES_PROVIDER.getPriceOracleSentinel();
        return sentinel == address(0) || health < CLOSE_FACTOR_HEALTH || IAaveSentinel(sentinel).isLiquidationAllowed();
    }

    function _inGracePeriod(address asset) private view returns (bool) {
        (bool known, bytes memory until) =
            PROTOCOL.staticcall(abi.encodeCall(IAavePool.getLiquidationGracePeriod, (asset)));
        return known && until.length == 32 && abi.decode(until, (uint256)) >= block.timestamp;
    }

    /// @dev Reads prices, units, bonus and fee as LiquidationLogic does, the user's efficiency mode included.
    function _pair(
        address user,
        address collateral,
        address debt,
        uint256 mode,
        AaveEMode memory category,
        IAaveOracle oracle
    ) private view returns (AaveLiquidation.Pair memory pair) {
        pair.collateral = _reserve(collateral);
        pair.debt = _reserve(debt);
        uint256 configuration = pair.collateral.configuration;
        bool inMode = mode != 0 && _modeOf(configuration) == mode;
        bool priced = category.priceSource != address(0);
        pair.balance = IERC20(pair.collateral.aToken).balanceOf(user);
        pair.collateralPrice = oracle.getAssetPrice(inMode && priced ? category.priceSource : collateral);
        pair.debtPrice = oracle.getAssetPrice(priced ? category.priceSource : debt);
        pair.collateralUnit = 10 ** uint8(configuration >> 48);
        pair.debtUnit = 10 ** uint8(pair.debt.configuration >> 48);
        pair.bonus = inMode ? category.liquidationBonus : uint16(configuration >> 32);
        pair.fee = uint16(configuration >> 152);
    }

    /// @dev The user's efficiency mode; mode 0 has an empty category.
    function _eMode(address user) private view returns (uint256 mode, AaveEMode memory category) {
        mode = _pool().getUserEMode(user);
        // forge-lint: disable-next-line(unsafe-typecast)
        if (mode != 0) category = _pool().getEModeCategoryData(uint8(mode));
    }

    /// @dev Reverts unless every price in the user's health factor is there and fresh.
    function _requireFreshPrices(address user, uint256 mode, address modeSource, IAaveOracle oracle) private view {
        if (modeSource != address(0)) _requireFreshPrice(modeSource, oracle);
        uint256 used = _pool().getUserConfiguration(user);
        for (uint16 id; used != 0; (++id, used >>= 2)) {
            if (used & 3 == 0) continue;
            address asset = _pool().getReserveAddressById(id);
            if (modeSource != address(0) && _modeOf(_pool().getConfiguration(asset)) == mode) continue;
            _requireFreshPrice(asset, oracle);
        }
    }

    function _requireFreshPrice(address asset, IAaveOracle oracle) private view {
        address source = oracle.getSourceOfAsset(asset);
        if (source != address(0)) return _requireFresh(source);
        if (asset != oracle.BASE_CURRENCY()) revert PriceMissing(asset);
    }

    /// @dev ValidationLogic.validateSupply, less the treasury's accrual since the reserve's last update.
    function _takesDeposit(address asset, uint256 amount) private view returns (bool) {
        AaveReserve memory reserve = _reserve(asset);
        if (reserve.configuration & (ACTIVE | FROZEN | PAUSED) != ACTIVE) return false;
        uint256 cap = (reserve.configuration >> 116 & SUPPLY_CAP_MASK) * 10 ** uint8(reserve.configuration >> 48);
        if (cap == 0) return true;
        uint256 toTreasury = Math.mulDiv(reserve.accruedToTreasury, _pool().getReserveNormalizedIncome(asset), RAY);
        return IERC20(reserve.aToken).totalSupply() + toTreasury + 1 + amount <= cap;
    }

    function _reserve(address asset) private view returns (AaveReserve memory reserve) {
        reserve = _pool().getReserveData(asset);
        if (reserve.aToken == address(0)) revert UnknownReserve(asset);
    }

    function _pool() private view returns (IAavePool) {
        return IAavePool(PROTOCOL);
    }

    function _decode(bytes calldata position) private pure returns (address user, address collateral, address debt) {
        if (position.length != 96) revert NonCanonicalPosition();
        (user, collateral, debt) = (_addressAt(position, 0), _addressAt(position, 1), _addressAt(position, 2));
        if (collateral == debt) revert SameAsset(collateral);
    }

    /// @dev Efficiency mode in a reserve's configuration.
    function _modeOf(uint256 configuration) private pure returns (uint256) {
        return uint8(configuration >> 168);
    }
}
