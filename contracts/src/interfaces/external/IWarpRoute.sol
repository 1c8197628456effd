// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title The part of a Hyperlane warp route's token router that the bridge adapter uses.
interface IWarpRoute {
    /// @dev `token` zero is the native coin.
    struct Quote {
        address token;
        uint256 amount;
    }

    /// @notice The token the router takes: what it locks, or the router itself when it burns a synthetic.
    function token() external view returns (address);
    function quoteTransferRemote(uint32 destination, bytes32 recipient, uint256 amount)
        external
        view
        returns (Quote[] memory quotes);
    function transferRemote(uint32 destination, bytes32 recipient, uint256 amount)
        external
        payable
        returns (bytes32 messageId);
}
