// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Cheat codes of our forge that the vendored forge-std is too old to know.
interface ICheats {
    function snapshotState() external returns (uint256 id);
    function revertToState(uint256 id) external returns (bool ok);
    function snapshotGasLastCall(string calldata group, string calldata name) external returns (uint256 gasUsed);
    function cool(address target) external;
    function expectPartialRevert(bytes4 selector) external;
}
