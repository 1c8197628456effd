// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {
    FillInstruction,
    IDestinationSettler,
    Output,
    ResolvedCrossChainOrder
} from "../../src/interfaces/external/IERC7683.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title Another network's filler: knows ERC-7683 and ERC-20, and nothing of Gavel.
/// @notice Pays what a resolved order asks for, if what it gets is what it was told to want. Where an order leaves the
/// recipient open, it names its own; recipient and least amount, as the order states them, are its `fillerData`.
contract StandardFiller {
    address public immutable OWN_RECIPIENT;

    error NotProfitable(bytes32 token, uint256 amount);
    error AnotherChain(uint256 chainId);
    error TooMany(uint256 outputs);

    constructor(address ownRecipient) {
        OWN_RECIPIENT = ownRecipient;
    }

    /// @param wanted The token it wants on the origin chain, and the least amount of it.
    function fill(ResolvedCrossChainOrder calldata order, address wanted, uint256 least) external {
        FillInstruction calldata instruction = order.fillInstructions[0];
        if (order.fillInstructions.length != 1 || order.minReceived.length != 1) {
            revert TooMany(order.minReceived.length);
        }
        if (instruction.destinationChainId != block.chainid) revert AnotherChain(instruction.destinationChainId);
        Output calldata received = order.minReceived[0];
        if (received.token != _word(wanted) || received.amount < least) {
            revert NotProfitable(received.token, received.amount);
        }
        address settler = _address(instruction.destinationSettler);
        for (uint256 i; i < order.maxSpent.length; ++i) {
            IERC20(_address(order.maxSpent[i].token)).approve(settler, order.maxSpent[i].amount);
        }
        bytes32 recipient = received.recipient == 0 ? _word(OWN_RECIPIENT) : received.recipient;
        IDestinationSettler(settler).fill(order.orderId, instruction.originData, abi.encode(recipient, received.amount));
    }

    function _word(address account) private pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }

    function _address(bytes32 word) private pure returns (address) {
        return address(uint160(uint256(word)));
    }
}
