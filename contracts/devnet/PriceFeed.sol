// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// @title A price feed with Chainlink's aggregator interface, whose answer its owner sets.
/// @notice For local networks and tests only. Every answer is a new round; old rounds stay readable.
/// @dev Answers both generations of the interface: `latestAnswer` (Aave's oracle reads it) and `latestRoundData`.
contract PriceFeed is Ownable {
    struct Round {
        int256 answer;
        uint256 updatedAt;
    }

    /// @notice Decimals of the answer.
    uint8 public immutable decimals;
    /// @notice What is priced, for people: "WETH / USD".
    string public description;
    /// @notice Version of the aggregator interface.
    uint256 public constant version = 4;
    /// @notice The newest round.
    uint80 public latestRound;

    mapping(uint80 roundId => Round) private _rounds;

    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);

    error NoDataPresent(uint80 roundId);

    /// @param description_ What is priced.
    /// @param decimals_ Decimals of the answer.
    /// @param answer The first answer.
    /// @param owner_ The only account that can set answers.
    constructor(string memory description_, uint8 decimals_, int256 answer, address owner_) Ownable(owner_) {
        description = description_;
        decimals = decimals_;
        _update(answer);
    }

    /// @notice Sets a new answer, updated now. Owner only.
    /// @param answer In units of 10^-decimals.
    function setAnswer(int256 answer) external onlyOwner {
        _update(answer);
    }

    /// @notice The newest answer.
    function latestAnswer() external view returns (int256) {
        return _rounds[latestRound].answer;
    }

    /// @notice When the newest answer was set, Unix seconds.
    function latestTimestamp() external view returns (uint256) {
        return _rounds[latestRound].updatedAt;
    }

    /// @notice The newest round, in the aggregator's shape.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        return getRoundData(latestRound);
    }

    /// @notice One round, in the aggregator's shape. Reverts if it does not exist.
    /// @param round Id of the round, from 1.
    function getRoundData(uint80 round)
        public
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        Round memory found = _rounds[round];
        if (found.updatedAt == 0) revert NoDataPresent(round);
        return (round, found.answer, found.updatedAt, found.updatedAt, round);
    }

    function _update(int256 answer) private {
        uint80 round = ++latestRound;
        _rounds[round] = Round(answer, block.timestamp);
        emit AnswerUpdated(answer, round, block.timestamp);
    }
}
