// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @dev The part of Chainlink's aggregator that is read here.
interface PriceSource {
    function decimals() external view returns (uint8);
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}

/// @dev The part of a token that is read here.
interface DecimalsSource {
    function decimals() external view returns (uint8);
}

/// @title Morpho Blue's oracle over two Chainlink feeds of one currency.
/// @notice The getters have the names of Morpho's own Chainlink oracle, so a reader of that oracle can read this one.
contract ChainlinkMorphoOracle {
    /// @notice Prices the collateral token.
    PriceSource public immutable BASE_FEED_1;
    /// @notice Prices the loan token in the same currency.
    PriceSource public immutable QUOTE_FEED_1;
    /// @notice What brings the ratio of the answers to Morpho's scale.
    uint256 public immutable SCALE_FACTOR;

    error AnswerNotPositive(address feed, int256 answer);

    /// @param collateral The collateral token.
    /// @param loan The loan token.
    /// @param collateralFeed Prices the collateral.
    /// @param loanFeed Prices the loan token, in the same currency.
    /// @dev Reverts by underflow when the collateral side has more than 36 decimals over the loan side.
    constructor(DecimalsSource collateral, DecimalsSource loan, PriceSource collateralFeed, PriceSource loanFeed) {
        BASE_FEED_1 = collateralFeed;
        QUOTE_FEED_1 = loanFeed;
        SCALE_FACTOR = 10
            ** (36 + uint256(loan.decimals()) + loanFeed.decimals() - collateral.decimals() - collateralFeed.decimals());
    }

    /// @notice Price of one collateral unit in loan units, scaled by 1e36.
    /// @dev Rounds down; reverts unless both answers are positive.
    function price() external view returns (uint256) {
        return SCALE_FACTOR * _answer(BASE_FEED_1) / _answer(QUOTE_FEED_1);
    }

    function _answer(PriceSource feed) private view returns (uint256) {
        (, int256 answer,,,) = feed.latestRoundData();
        if (answer <= 0) revert AnswerNotPositive(address(feed), answer);
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint256(answer);
    }
}
