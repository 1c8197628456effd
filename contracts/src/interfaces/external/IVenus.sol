// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title What the adapter calls of a pool of Venus's isolated pools.
interface IVenusComptroller {
    function oracle() external view returns (address);
    function closeFactorMantissa() external view returns (uint256);
    function liquidationIncentiveMantissa() external view returns (uint256);
    function minLiquidatableCollateral() external view returns (uint256);
    function isForcedLiquidationEnabled(address vTokenBorrowed) external view returns (bool);
    function actionPaused(address market, uint8 action) external view returns (bool);
    function checkMembership(address account, address vToken) external view returns (bool);
    function markets(address vToken)
        external
        view
        returns (bool isListed, uint256 collateralFactorMantissa, uint256 liquidationThresholdMantissa);
    function getAssetsIn(address account) external view returns (IVToken[] memory);
    function updatePrices(address account) external;
}

/// @title What the adapter calls of a market of such a pool.
interface IVToken {
    function underlying() external view returns (address);
    function interestRateModel() external view returns (IVenusRateModel);
    function getBlockNumberOrTimestamp() external view returns (uint256);
    function accrualBlockNumber() external view returns (uint256);
    function borrowIndex() external view returns (uint256);
    function totalBorrows() external view returns (uint256);
    function totalReserves() external view returns (uint256);
    function totalSupply() external view returns (uint256);
    function badDebt() external view returns (uint256);
    function getCash() external view returns (uint256);
    function reserveFactorMantissa() external view returns (uint256);
    function protocolSeizeShareMantissa() external view returns (uint256);
    function exchangeRateStored() external view returns (uint256);
    function balanceOf(address account) external view returns (uint256);
    function getAccountSnapshot(address account)
        external
        view
        returns (uint256 error, uint256 vTokens, uint256 borrows, uint256 exchangeRate);
    function accrueInterest() external returns (uint256);
    function liquidateBorrow(address borrower, uint256 repayAmount, IVToken vTokenCollateral) external returns (uint256);
    function redeem(uint256 redeemTokens) external returns (uint256);
    function mintBehalf(address minter, uint256 mintAmount) external returns (uint256);
}

/// @title A market's interest rate model.
interface IVenusRateModel {
    function getBorrowRate(uint256 cash, uint256 borrows, uint256 reserves, uint256 badDebt)
        external
        view
        returns (uint256);
}

/// @title Venus's oracles: the resilient one in front, and the Chainlink one that it asks.
interface IVenusOracle {
    function getUnderlyingPrice(address vToken) external view returns (uint256);
    function getTokenConfig(address asset)
        external
        view
        returns (address asset_, address[3] memory oracles, bool[3] memory enableFlagsForOracles, bool cachingEnabled);
    function tokenConfigs(address asset) external view returns (address asset_, address feed, uint256 maxStalePeriod);
}
