// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title What a token tells of itself if it has neither name nor symbol, as early tokens do.
/// @notice For local networks and tests only: it moves nothing.
contract NamelessToken {
    /// @notice How an unknown function ends: these are the ways of contracts and compilers of different years.
    enum Answer {
        Revert,
        InvalidOpcode,
        Nothing
    }

    uint8 public immutable decimals;
    Answer private immutable ANSWER;

    constructor(uint8 decimals_, Answer answer_) {
        (decimals, ANSWER) = (decimals_, answer_);
    }

    fallback() external {
        if (ANSWER == Answer.Revert) revert();
        if (ANSWER == Answer.InvalidOpcode) {
            assembly {
                invalid()
            }
        }
    }
}
