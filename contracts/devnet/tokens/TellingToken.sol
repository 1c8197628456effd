// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title A contract that answers `symbol`, `name` and `decimals` with the bytes given at its creation.
/// @notice For tests only: a hostile contract may call itself anything, at any length.
contract TellingToken {
    bytes private _symbol;
    bytes private _decimals;

    /// @param symbol_ What `symbol` and `name` return, encoded.
    /// @param decimals_ What `decimals` returns, encoded.
    constructor(bytes memory symbol_, bytes memory decimals_) {
        (_symbol, _decimals) = (symbol_, decimals_);
    }

    fallback() external {
        bytes memory answer = msg.sig == bytes4(keccak256("decimals()")) ? _decimals : _symbol;
        assembly ("memory-safe") {
            return(add(answer, 32), mload(answer))
        }
    }
}
