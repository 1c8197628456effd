// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title What a token tells of itself if its name and symbol are 32 bytes instead of text, as MKR.
/// @notice For local networks and tests only: it moves nothing.
contract Bytes32Token {
    bytes32 public constant name = "Maker-like";
    bytes32 public immutable symbol;
    uint8 public immutable decimals;

    /// @param symbol_ Zero for a token that has none.
    constructor(bytes32 symbol_, uint8 decimals_) {
        (symbol, decimals) = (symbol_, decimals_);
    }
}
