// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Award, Intent, Order, Quote} from "../types/Types.sol";

/// @title EIP-712 struct hashes and the ids derived from them.
/// @notice The TypeScript twin is protocol/src/typed-data.ts; protocol/vectors holds the two together.
library Digests {
    bytes32 internal constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 internal constant INTENT_TYPEHASH = keccak256(
        "Intent(uint32 homeDomain,address escrow,bytes32 market,bytes position,address collateral,address debt,uint128 repay,uint128 seizable,uint64 round,uint64 observedBlock,bytes32 observedBlockHash,uint64 quoteBy,uint64 openBy)"
    );
    bytes32 internal constant QUOTE_TYPEHASH =
        keccak256("Quote(bytes32 intent,address solver,uint128 ask,uint32 payDomain,address payout,uint64 epoch)");
    bytes32 internal constant AWARD_TYPEHASH =
        keccak256("Award(bytes32 intent,uint8 attempt,bytes32 first,bytes32 second,bytes32 third)");

    /// @dev An order is this many bytes as the ABI encodes it: all its members are of fixed size.
    uint256 internal constant ORDER_BYTES = 28 * 32;

    /// @notice The domain separator of a home escrow.
    function domainSeparator(uint256 chainId, address escrow) internal pure returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, keccak256("Gavel"), keccak256("1"), chainId, escrow));
    }

    /// @notice The EIP-712 digest of a struct hash under a domain separator.
    function digest(bytes32 separator, bytes32 structHash) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }

    /// @dev Hashes the thirteen words of the calldata, with the position's hash in place of the fourth. Bits beyond a
    /// member's type make another hash, which no honest account signs.
    function hashIntent(Intent calldata intent) internal pure returns (bytes32 hash) {
        bytes32 typeHash = INTENT_TYPEHASH;
        bytes32 position = keccak256(intent.position);
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, typeHash)
            calldatacopy(add(words, 32), intent, 416)
            mstore(add(words, 128), position)
            hash := keccak256(words, 448)
        }
    }

    /// @dev Hashes the six words as `hashIntent` does.
    function hashQuote(Quote calldata quote) internal pure returns (bytes32 hash) {
        bytes32 typeHash = QUOTE_TYPEHASH;
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, typeHash)
            calldatacopy(add(words, 32), quote, 192)
            hash := keccak256(words, 224)
        }
    }

    function hashAward(Award memory award) internal pure returns (bytes32) {
        return keccak256(abi.encode(AWARD_TYPEHASH, award));
    }

    /// @notice The id of a position: the market is part of it, so equal bytes in two markets stay apart.
    function positionKey(bytes32 market, bytes calldata position) internal pure returns (bytes32) {
        return keccak256(abi.encode(market, position));
    }

    /// @notice The encoding of an order in calldata, which is cheaper to pass on than its members.
    function encodingOf(Order calldata order) internal pure returns (bytes calldata encoding) {
        uint256 size = ORDER_BYTES;
        assembly ("memory-safe") {
            encoding.offset := order
            encoding.length := size
        }
    }

    /// @notice The order whose encoding this is. The caller has made sure of its length.
    function orderOf(bytes calldata encoding) internal pure returns (Order calldata order) {
        assembly ("memory-safe") {
            order := encoding.offset
        }
    }

    /// @notice An order's id, as `OrderParts` defines it.
    function orderId(Order memory order) internal pure returns (bytes32) {
        return keccak256(
            bytes.concat(
                abi.encodePacked(order.homeDomain, order.homeEscrow, order.payDomain, order.payEscrow),
                abi.encodePacked(order.ask, order.maxAsk, order.exclusiveUntil),
                keccak256(_homePart(order)),
                keccak256(_payPart(order))
            )
        );
    }

    /// @notice An order's bill: what `RepaymentEscrow.fill` takes.
    function bill(Order memory order) internal pure returns (bytes memory) {
        return bytes.concat(
            abi.encodePacked(order.homeDomain, order.homeEscrow),
            abi.encodePacked(order.ask, order.maxAsk, order.exclusiveUntil),
            keccak256(_homePart(order)),
            _payPart(order)
        );
    }

    /// @notice `orderId` of an order in calldata. Bits beyond a member's type do not count.
    function orderIdOf(Order calldata order) internal pure returns (bytes32) {
        Order memory copy;
        uint256 size = ORDER_BYTES;
        assembly ("memory-safe") {
            calldatacopy(copy, order, size)
        }
        return orderId(copy);
    }

    function _homePart(Order memory order) private pure returns (bytes memory) {
        return bytes.concat(
            abi.encodePacked(order.market, order.collateral, order.debt, order.terms, order.solver),
            abi.encodePacked(order.positionKey, order.repaid, order.keeperFee, order.routeFee),
            abi.encodePacked(order.bond, order.latePenalty, order.openBy)
        );
    }

    function _payPart(Order memory order) private pure returns (bytes memory) {
        return abi.encodePacked(
            order.payToken,
            order.payAmount,
            order.payout,
            order.fillDeadline,
            keccak256(abi.encodePacked(order.intent, order.quote, order.treasury, order.bridge, order.expiresAt))
        );
    }
}
