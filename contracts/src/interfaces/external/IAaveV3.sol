// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice A reserve's state, in the layout that `getReserveData` keeps for older callers.
struct AaveReserve {
    uint256 configuration; // bitmap
    uint128 liquidityIndex; // ray
    uint128 currentLiquidityRate;
    uint128 variableBorrowIndex;
    uint128 currentVariableBorrowRate;
    uint128 currentStableBorrowRate; // zero
    uint40 lastUpdateTimestamp;
    uint16 id; // place in a user's configuration
    address aToken;
    address stableDebtToken; // of no use: stable debt no longer exists
    address variableDebtToken;
    address interestRateStrategy;
    uint128 accruedToTreasury; // scaled
    uint128 unbacked;
    uint128 isolationModeTotalDebt;
}

/// @notice An efficiency mode's parameters for collateral; basis points.
struct AaveEModeCollateral {
    uint16 ltv;
    uint16 liquidationThreshold;
    uint16 liquidationBonus; // 10_000 + bonus
}

/// @title The part of the Pool of Aave v3.6 and later that the adapters meet.
interface IAavePool {
    /// @notice Repays debt of `onBehalfOf` with the caller's tokens; `rateMode` is 2, variable.
    function repay(address asset, uint256 amount, uint256 rateMode, address onBehalfOf) external returns (uint256);

    /// @notice Burns the caller's aTokens and sends what they stand for.
    function withdraw(address asset, uint256 amount, address to) external returns (uint256);

    /// @notice Repays `debtToCover` (or as much as allowed) of `user`'s debt and takes collateral with the bonus.
    function liquidationCall(address collateral, address debt, address user, uint256 debtToCover, bool receiveAToken)
        external;

    /// @notice Deposits for `onBehalfOf`; the first deposit of an asset is enabled as collateral where allowed.
    function supply(address asset, uint256 amount, address onBehalfOf, uint16 referralCode) external;

    /// @notice A user's sums over all reserves, in the oracle's base currency; `healthFactor` in WAD.
    function getUserAccountData(address user)
        external
        view
        returns (
            uint256 totalCollateralBase,
            uint256 totalDebtBase,
            uint256 availableBorrowsBase,
            uint256 currentLiquidationThreshold,
            uint256 ltv,
            uint256 healthFactor
        );

    /// @notice Two bits per reserve id: borrowed (even), used as collateral (odd).
    function getUserConfiguration(address user) external view returns (uint256);

    /// @notice The user's efficiency mode; 0: none.
    function getUserEMode(address user) external view returns (uint256);

    /// @notice Parameters of an efficiency mode for its collaterals.
    function getEModeCategoryCollateralConfig(uint8 id) external view returns (AaveEModeCollateral memory);

    /// @notice Reserve ids that count as collateral in an efficiency mode.
    function getEModeCategoryCollateralBitmap(uint8 id) external view returns (uint128);

    /// @notice Reserve ids that lend nothing in an efficiency mode.
    function getEModeCategoryLtvzeroBitmap(uint8 id) external view returns (uint128);

    /// @notice Cash of a reserve by the pool's own accounts.
    function getVirtualUnderlyingBalance(address asset) external view returns (uint128);

    /// @notice A reserve's configuration bitmap.
    function getConfiguration(address asset) external view returns (uint256);

    /// @notice A reserve's state; all zero if not listed.
    function getReserveData(address asset) external view returns (AaveReserve memory);

    /// @notice The asset with a reserve id.
    function getReserveAddressById(uint16 id) external view returns (address);

    /// @notice The liquidity index now, in ray.
    function getReserveNormalizedIncome(address asset) external view returns (uint256);

    /// @notice Until when liquidations touching the asset are refused, Unix seconds.
    function getLiquidationGracePeriod(address asset) external view returns (uint40);
}

/// @title The part of Aave v3's PoolAddressesProvider that the adapters meet.
interface IAaveAddressesProvider {
    /// @notice The Pool's proxy.
    function getPool() external view returns (address);

    /// @notice The oracle in force.
    function getPriceOracle() external view returns (address);

    /// @notice The sequencer sentinel; zero: none.
    function getPriceOracleSentinel() external view returns (address);
}

/// @title The part of Aave v3's oracle that the adapters meet.
interface IAaveOracle {
    /// @notice Price in base currency.
    function getAssetPrice(address asset) external view returns (uint256);

    /// @notice The aggregator behind an asset's price; zero: the fallback oracle answers.
    function getSourceOfAsset(address asset) external view returns (address);

    /// @notice The asset whose price is one by definition; zero: US dollars.
    function BASE_CURRENCY() external view returns (address);
}

/// @title The part of Aave's price cap adapters that the adapters meet: price sources of stablecoins, staked assets and
/// the like, over aggregators that they name.
interface IAavePriceCap {
    /// @notice The price as Aave reads it; not positive means none.
    function latestAnswer() external view returns (int256);

    /// @notice The asset's own price, which is capped. Of stablecoins and principal tokens.
    function ASSET_TO_USD_AGGREGATOR() external view returns (address);

    /// @notice The price of what the asset is worth a capped rate of. Of staked assets, and of stablecoins of other
    /// currencies.
    function BASE_TO_USD_AGGREGATOR() external view returns (address);
}

/// @title The part of Aave v3's PriceOracleSentinel that the adapters meet.
interface IAaveSentinel {
    /// @notice Whether the sequencer is up and its grace period over.
    function isLiquidationAllowed() external view returns (bool);
}
