// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice What defines a Morpho market; its id is the hash of these.
struct MorphoMarketParams {
    address loanToken;
    address collateralToken;
    address oracle;
    address irm;
    uint256 lltv; // WAD
}

/// @notice A market's totals as of `lastUpdate`, interest since then not included.
struct MorphoMarket {
    uint128 totalSupplyAssets;
    uint128 totalSupplyShares;
    uint128 totalBorrowAssets;
    uint128 totalBorrowShares;
    uint128 lastUpdate; // Unix seconds; zero: no such market
    uint128 fee; // WAD
}

/// @notice A user's part of a market.
struct MorphoPosition {
    uint256 supplyShares;
    uint128 borrowShares;
    uint128 collateral;
}

/// @title The part of Morpho Blue that the adapters meet.
interface IMorphoBlue {
    /// @notice Liquidates by exactly one of `seizedAssets` and `repaidShares`; the other is zero.
    function liquidate(
        MorphoMarketParams memory marketParams,
        address borrower,
        uint256 seizedAssets,
        uint256 repaidShares,
        bytes memory data
    ) external returns (uint256 seized, uint256 repaid);

    /// @notice Adds collateral to a position.
    function supplyCollateral(
        MorphoMarketParams memory marketParams,
        uint256 assets,
        address onBehalf,
        bytes memory data
    ) external;

    /// @notice Repays a borrower's debt with the caller's tokens; exactly one of `assets` and `shares` is non-zero.
    function repay(
        MorphoMarketParams memory marketParams,
        uint256 assets,
        uint256 shares,
        address onBehalf,
        bytes memory data
    ) external returns (uint256 assetsRepaid, uint256 sharesRepaid);

    /// @notice Takes collateral out of a position that stays healthy; the caller is its owner or authorised by it.
    function withdrawCollateral(
        MorphoMarketParams memory marketParams,
        uint256 assets,
        address onBehalf,
        address receiver
    ) external;

    /// @notice Whether `authorized` may act on the positions of `authorizer`.
    function isAuthorized(address authorizer, address authorized) external view returns (bool);

    /// @notice The parameters of a market id; all zero if there is no such market.
    function idToMarketParams(bytes32 id) external view returns (MorphoMarketParams memory);

    /// @notice A market's totals.
    function market(bytes32 id) external view returns (MorphoMarket memory);

    /// @notice A user's position.
    function position(bytes32 id, address user) external view returns (MorphoPosition memory);
}

/// @title Morpho's interest rate model.
interface IMorphoIrm {
    /// @notice Borrow rate per second in WAD, as the market's next accrual will apply it.
    function borrowRateView(MorphoMarketParams memory marketParams, MorphoMarket memory market)
        external
        view
        returns (uint256);
}

/// @title Morpho's oracle, with the getters by which its Chainlink oracles name their feeds.
interface IMorphoOracle {
    /// @notice Price of one collateral unit in loan units, scaled by 1e36.
    function price() external view returns (uint256);

    /// @notice First feed of the collateral's price; zero: none.
    function BASE_FEED_1() external view returns (address);

    /// @notice Second feed of the collateral's price; zero: none.
    function BASE_FEED_2() external view returns (address);

    /// @notice First feed of the loan token's price; zero: none.
    function QUOTE_FEED_1() external view returns (address);

    /// @notice Second feed of the loan token's price; zero: none.
    function QUOTE_FEED_2() external view returns (address);
}
