// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title External calls whose gas is fixed beforehand and whose return data is capped.
/// @notice A callee cannot be starved (too little gas left reverts the caller), and cannot exhaust its caller with
/// return data.
library BoundedCall {
    /// @dev Enough of a revert reason for a selector and a few words.
    uint256 internal constant MAX_RETURN = 256;
    /// @dev Left to the caller after the call, besides EIP-150's 64th.
    uint256 private constant RESERVE = 60_000;

    error InsufficientGas(uint256 left, uint256 needed);
    error GasExhausted(uint256 allowance);

    /// @notice Calls `target` with exactly `gasAllowance`.
    /// @return ok Whether the call succeeded.
    /// @return returned At most `MAX_RETURN` bytes of what it returned.
    function tryCall(address target, uint256 gasAllowance, bytes memory data)
        internal
        returns (bool ok, bytes memory returned)
    {
        _requireGas(gasAllowance);
        assembly ("memory-safe") {
            ok := call(gasAllowance, target, 0, add(data, 32), mload(data), 0, 0)
        }
        returned = _returned();
    }

    /// @notice Runs a library's code on the caller's own state with exactly `gasAllowance`; a failure undoes it whole.
    /// @dev Reverts `GasExhausted` when the failure may be for want of gas, see `_requireNotExhausted`.
    function tryDelegate(address library_, uint256 gasAllowance, bytes memory data)
        internal
        returns (bool ok, bytes memory returned)
    {
        _requireGas(gasAllowance);
        uint256 before = gasleft();
        assembly ("memory-safe") {
            ok := delegatecall(gasAllowance, library_, add(data, 32), mload(data), 0, 0)
        }
        if (!ok) _requireNotExhausted(gasAllowance, before);
        returned = _returned();
    }

    /// @notice Calls with all the gas there is; a failure undoes the call whole, one for want of gas the caller too.
    function tryWithAllGas(address target, bytes memory data) internal returns (bool ok, bytes memory returned) {
        uint256 before = gasleft();
        assembly ("memory-safe") {
            ok := call(gas(), target, 0, add(data, 32), mload(data), 0, 0)
        }
        if (!ok) _requireNotExhausted(before - before / 64, before);
        returned = _returned();
        if (!ok && returned.length >= 4) {
            bytes4 selector = bytes4(returned);
            if (selector == InsufficientGas.selector || selector == GasExhausted.selector) {
                assembly ("memory-safe") {
                    revert(add(returned, 32), mload(returned))
                }
            }
        }
    }

    /// @notice Sends tokens with fixed gas; false on revert, a false return, or an address without code.
    function tryTransfer(address token, address to, uint256 amount, uint256 gasAllowance) internal returns (bool) {
        if (token.code.length == 0) return false;
        (bool ok, bytes memory returned) =
            tryCall(token, gasAllowance, abi.encodeWithSignature("transfer(address,uint256)", to, amount));
        if (!ok) return false;
        if (returned.length == 0) return true;
        return returned.length >= 32 && abi.decode(returned, (uint256)) == 1;
    }

    function _requireGas(uint256 gasAllowance) private view {
        uint256 needed = gasAllowance + gasAllowance / 63 + RESERVE;
        if (gasleft() < needed) revert InsufficientGas(gasleft(), needed);
    }

    /// @dev A call that runs out of gas n calls deep leaves at most n/64 of its gas, and the contract that catches the
    /// failure cannot tell it from another one. A failed call that used three quarters therefore counts as exhausted (n
    /// <= 16).
    function _requireNotExhausted(uint256 gasAllowance, uint256 before) private view {
        if (before - gasleft() >= gasAllowance - gasAllowance / 4) revert GasExhausted(gasAllowance);
    }

    /// @dev Copies at most `MAX_RETURN` bytes; must follow the call directly.
    function _returned() private pure returns (bytes memory returned) {
        uint256 cap = MAX_RETURN;
        assembly ("memory-safe") {
            let size := returndatasize()
            if gt(size, cap) { size := cap }
            returned := mload(0x40)
            mstore(returned, size)
            returndatacopy(add(returned, 32), 0, size)
            mstore(0x40, add(add(returned, 32), and(add(size, 31), not(31))))
        }
    }
}
