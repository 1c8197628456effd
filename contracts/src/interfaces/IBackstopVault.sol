// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Lenders' float that fronts the repay of remote orders, one per debt token.
interface IBackstopVault {
    function asset() external view returns (address);
    function idle() external view returns (uint256);
    function openPrincipal(bytes32 market) external view returns (uint256);
    function front(bytes32 market, uint256 cap, address adapter, uint256 repay, address lander, uint256 keeperFee)
        external;
    function giveBack(bytes32 market, uint256 amount) external;
    function settle(bytes32 market, uint256 principal, uint256 fee, uint32 payDomain) external;
}
