// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title The part of Chainlink's AggregatorV3Interface that adapters read.
interface IAggregator {
    /// @notice The newest round.
    /// @return roundId Id of the round.
    /// @return answer The price, in the feed's decimals; not positive means none.
    /// @return startedAt Unix seconds.
    /// @return updatedAt Unix seconds of the answer.
    /// @return answeredInRound Deprecated by Chainlink.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}
