// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

// ERC-7683 (cross-chain intents), the parts that concern orders opened on-chain. Field by field the standard's.

struct OnchainCrossChainOrder {
    uint32 fillDeadline; // Unix seconds
    bytes32 orderDataType; // EIP-712 type hash of what `orderData` encodes
    bytes orderData;
}

struct ResolvedCrossChainOrder {
    address user;
    uint256 originChainId;
    uint32 openDeadline;
    uint32 fillDeadline;
    bytes32 orderId;
    Output[] maxSpent; // by the filler
    Output[] minReceived; // by the filler
    FillInstruction[] fillInstructions;
}

struct Output {
    bytes32 token;
    uint256 amount;
    bytes32 recipient; // zero: the filler, not known yet
    uint256 chainId;
}

struct FillInstruction {
    uint256 destinationChainId;
    bytes32 destinationSettler;
    bytes originData;
}

/// @title Where orders come from.
interface IOriginSettler {
    event Open(bytes32 indexed orderId, ResolvedCrossChainOrder resolvedOrder);

    function open(OnchainCrossChainOrder calldata order) external;
    function resolve(OnchainCrossChainOrder calldata order) external view returns (ResolvedCrossChainOrder memory);
}

/// @title Where orders are paid.
interface IDestinationSettler {
    function fill(bytes32 orderId, bytes calldata originData, bytes calldata fillerData) external payable;
}
