// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Digests} from "../../src/libraries/Digests.sol";
import {Award, Intent, Landing, Order, Quote} from "../../src/types/Types.sol";

/// @title The digests library as calls, for tests that hold their structs in memory.
contract DigestsHarness {
    function domainSeparator(uint256 chainId, address escrow) external pure returns (bytes32) {
        return Digests.domainSeparator(chainId, escrow);
    }

    function digest(bytes32 separator, bytes32 structHash) external pure returns (bytes32) {
        return Digests.digest(separator, structHash);
    }

    function hashIntent(Intent calldata intent) external pure returns (bytes32) {
        return Digests.hashIntent(intent);
    }

    function hashQuote(Quote calldata quote) external pure returns (bytes32) {
        return Digests.hashQuote(quote);
    }

    function hashAward(Award calldata award) external pure returns (bytes32) {
        return Digests.hashAward(award);
    }

    function positionKey(bytes32 market, bytes calldata position) external pure returns (bytes32) {
        return Digests.positionKey(market, position);
    }

    function orderId(Order memory order) external pure returns (bytes32) {
        return Digests.orderId(order);
    }

    function orderIdInCalldata(Order calldata order) external pure returns (bytes32) {
        return Digests.orderIdOf(order);
    }

    function bill(Order memory order) external pure returns (bytes memory) {
        return Digests.bill(order);
    }

    function decodeIntent(bytes calldata encoded) external pure returns (Intent memory) {
        return abi.decode(encoded, (Intent));
    }

    function decodeLanding(bytes calldata encoded) external pure returns (Landing memory) {
        return abi.decode(encoded, (Landing));
    }
}
