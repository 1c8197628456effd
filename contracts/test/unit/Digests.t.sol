// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Award, Intent, Order, Quote} from "../../src/types/Types.sol";
import {DigestsHarness} from "../base/DigestsHarness.sol";
import {Encodings} from "../base/Encodings.sol";
import {Test} from "forge-std/Test.sol";

/// @dev Written against EIP-712's text rather than the library: every word set apart by hand.
contract DigestsTest is Test {
    DigestsHarness internal digests = new DigestsHarness();

    function test_DomainSeparator() public view {
        bytes32 typeHash =
            keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        assertEq(
            digests.domainSeparator(31_337, address(0xe)),
            keccak256(
                bytes.concat(
                    typeHash, keccak256("Gavel"), keccak256("1"), bytes32(uint256(31_337)), bytes32(uint256(0xe))
                )
            )
        );
    }

    function testFuzz_Digest(bytes32 separator, bytes32 structHash) public view {
        assertEq(digests.digest(separator, structHash), keccak256(bytes.concat(bytes2(0x1901), separator, structHash)));
    }

    function testFuzz_Intent(Intent memory intent) public view {
        bytes memory words = bytes.concat(
            keccak256(
                "Intent(uint32 homeDomain,address escrow,bytes32 market,bytes position,address collateral,address debt,uint128 repay,uint128 seizable,uint64 round,uint64 observedBlock,bytes32 observedBlockHash,uint64 quoteBy,uint64 openBy)"
            ),
            _word(intent.homeDomain),
            _word(uint160(intent.escrow)),
            intent.market,
            keccak256(intent.position),
            _word(uint160(intent.collateral)),
            _word(uint160(intent.debt))
        );
        words = bytes.concat(
            words,
            _word(intent.repay),
            _word(intent.seizable),
            _word(intent.round),
            _word(intent.observedBlock),
            intent.observedBlockHash,
            _word(intent.quoteBy),
            _word(intent.openBy)
        );
        assertEq(digests.hashIntent(intent), keccak256(words));
    }

    /// @dev There are no two encodings of one quote under one digest.
    function testFuzz_BitsBeyondAMemberMakeAnotherDigest(Quote memory quote, uint96 beyond) public view {
        vm.assume(beyond != 0);
        bytes memory data = abi.encodeCall(digests.hashQuote, (quote));
        assembly ("memory-safe") {
            let solver := add(data, 68) // after length, selector and the first word
            mstore(solver, or(mload(solver), shl(160, beyond)))
        }
        (bool ok, bytes memory answer) = address(digests).staticcall(data);
        assertTrue(!ok || abi.decode(answer, (bytes32)) != digests.hashQuote(quote));
    }

    function testFuzz_Quote(Quote memory quote) public view {
        assertEq(
            digests.hashQuote(quote),
            keccak256(
                bytes.concat(
                    keccak256(
                        "Quote(bytes32 intent,address solver,uint128 ask,uint32 payDomain,address payout,uint64 epoch)"
                    ),
                    quote.intent,
                    _word(uint160(quote.solver)),
                    _word(quote.ask),
                    _word(quote.payDomain),
                    _word(uint160(quote.payout)),
                    _word(quote.epoch)
                )
            )
        );
    }

    function testFuzz_Award(Award memory award) public view {
        assertEq(
            digests.hashAward(award),
            keccak256(
                bytes.concat(
                    keccak256("Award(bytes32 intent,uint8 attempt,bytes32 first,bytes32 second,bytes32 third)"),
                    award.intent,
                    _word(award.attempt),
                    award.first,
                    award.second,
                    award.third
                )
            )
        );
    }

    function testFuzz_PositionsOfTwoMarketsStayApart(bytes32 market, bytes32 other, bytes memory position) public view {
        vm.assume(market != other);
        assertEq(digests.positionKey(market, position), keccak256(abi.encode(market, position)));
        assertTrue(digests.positionKey(market, position) != digests.positionKey(other, position));
    }

    /// Each of the order's 28 words is in its id, and in its bill unless the pay side knows it anyway.
    function testFuzz_OrderIdAndBill(Order memory order, uint256 word) public view {
        word = bound(word, 0, 27);
        bytes memory data = abi.encode(order);
        assertEq(data.length, 28 * 32);
        bytes32 id = digests.orderId(order);
        assertEq(id, Encodings.id(order));
        assertEq(digests.orderIdInCalldata(order), id);
        bytes memory bill = digests.bill(order);
        assertEq(bill, Encodings.bill(order));
        data[word * 32 + 31] = bytes1(uint8(data[word * 32 + 31]) ^ 1);
        Order memory other = abi.decode(data, (Order));
        assertTrue(id != digests.orderId(other));
        bool isParty = word == 6 || word == 7; // payDomain, payEscrow
        assertEq(keccak256(bill) == keccak256(digests.bill(other)), isParty);
    }

    function _word(uint256 value) private pure returns (bytes32) {
        return bytes32(value);
    }
}
