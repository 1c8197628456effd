// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title The part of Hyperlane's Mailbox that the escrows use.
interface IMailbox {
    function localDomain() external view returns (uint32);

    function dispatch(
        uint32 destinationDomain,
        bytes32 recipientAddress,
        bytes calldata messageBody,
        bytes calldata hookMetadata
    ) external payable returns (bytes32 messageId);

    function quoteDispatch(
        uint32 destinationDomain,
        bytes32 recipientAddress,
        bytes calldata messageBody,
        bytes calldata hookMetadata
    ) external view returns (uint256 fee);
}

/// @title What the Mailbox calls on delivery.
interface IMessageRecipient {
    function handle(uint32 origin, bytes32 sender, bytes calldata message) external payable;
}

/// @title Lets a recipient name its own security module; zero means the Mailbox's default.
interface ISpecifiesInterchainSecurityModule {
    function interchainSecurityModule() external view returns (address);
}
