// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Amounts} from "../../src/libraries/Amounts.sol";
import {Lots} from "../../src/libraries/Lots.sol";
import {Award, Fill, Intent, Landing, Order, Quote, SignedQuote} from "../../src/types/Types.sol";
import {DigestsHarness} from "../base/DigestsHarness.sol";
import {Encodings} from "../base/Encodings.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Test} from "forge-std/Test.sol";

/// @title The golden vectors of protocol/vectors, which the TypeScript tests read too.
contract VectorsTest is Test {
    string private constant FOLDER = "../protocol/vectors/";

    DigestsHarness internal digests = new DigestsHarness();
    string internal json;
    bytes32 internal separator;

    function _load(string memory name) internal {
        json = vm.readFile(string.concat(FOLDER, name));
        separator = vm.parseJsonBytes32(json, ".domainSeparator");
        assertEq(separator, digests.domainSeparator(_uint(".chainId"), vm.parseJsonAddress(json, ".escrow")));
    }

    function _uint(string memory path) internal view returns (uint256) {
        return vm.parseUint(vm.parseJsonString(json, path));
    }

    function _word(string memory path) internal view returns (bytes32) {
        return vm.parseJsonBytes32(json, path);
    }

    function _address(string memory path) internal view returns (address) {
        return vm.parseJsonAddress(json, path);
    }

    function _bytes(string memory path) internal view returns (bytes memory) {
        return vm.parseJsonBytes(json, path);
    }

    function _has(string memory path) internal view returns (bool) {
        return vm.keyExistsJson(json, path);
    }

    function _at(string memory list, uint256 i) internal pure returns (string memory) {
        return string.concat(".", list, "[", vm.toString(i), "]");
    }

    /// @dev Struct hash, digest, and that the recorded signature recovers to the recorded signer.
    function _expect(string memory at, bytes32 structHash) internal view returns (bytes32 digest) {
        digest = digests.digest(separator, structHash);
        assertEq(structHash, _word(string.concat(at, ".structHash")), at);
        assertEq(digest, _word(string.concat(at, ".digest")), at);
        address signer = _address(string.concat(at, ".signer"));
        assertEq(ECDSA.recover(digest, _bytes(string.concat(at, ".signature"))), signer, at);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(uint256(_word(string.concat(at, ".privateKey"))), digest);
        assertEq(ECDSA.recover(digest, abi.encodePacked(r, s, v)), signer, at);
    }

    function test_Orders() public {
        _load("order.json");
        uint256 count;
        for (; _has(_at("accepted", count)); ++count) {
            string memory at = _at("accepted", count);
            Order memory order = abi.decode(_bytes(string.concat(at, ".abi")), (Order));
            assertEq(digests.orderId(order), _word(string.concat(at, ".orderId")), at);
            assertEq(digests.bill(order), _bytes(string.concat(at, ".bill")), at);
        }
        assertEq(count, 3);
    }

    function test_Reports() public {
        _load("order.json");
        uint256 count;
        for (; _has(_at("reports", count)); ++count) {
            string memory at = _at("reports", count);
            bytes[] memory encoded = vm.parseJsonBytesArray(json, string.concat(at, ".fills"));
            Fill[] memory fills = new Fill[](encoded.length);
            for (uint256 i; i < fills.length; ++i) {
                fills[i] = abi.decode(encoded[i], (Fill));
            }
            assertEq(Encodings.payments(fills), _bytes(string.concat(at, ".payments")), at);
            address reporter = _address(string.concat(at, ".reporter"));
            assertEq(Encodings.reportBody(fills, reporter), _bytes(string.concat(at, ".body")), at);
        }
        assertEq(count, 3);
    }

    function test_Verdicts() public {
        _load("order.json");
        bytes32[] memory ids = new bytes32[](3);
        bool[] memory accepted = new bool[](3);
        for (uint256 i; i < 3; ++i) {
            string memory at = _at("verdicts.answered", i);
            ids[i] = _word(string.concat(at, ".orderId"));
            accepted[i] = vm.parseJsonBool(json, string.concat(at, ".accepted"));
        }
        assertEq(Encodings.verdicts(ids, accepted), _bytes(".verdicts.body"));
    }

    function test_Intents() public {
        _load("intent.json");
        uint256 i;
        for (; _has(_at("accepted", i)); ++i) {
            string memory at = _at("accepted", i);
            Intent memory intent = _intentAt(at);
            _expect(at, digests.hashIntent(intent));
            assertEq(digests.positionKey(intent.market, intent.position), _word(string.concat(at, ".positionKey")), at);
            assertEq(abi.encode(intent), _bytes(string.concat(at, ".abi")), at);
        }
        assertGt(i, 0);
    }

    function _intentAt(string memory at) internal view returns (Intent memory intent) {
        intent.homeDomain = uint32(_uint(string.concat(at, ".homeDomain")));
        intent.escrow = _address(string.concat(at, ".escrow"));
        intent.market = _word(string.concat(at, ".market"));
        intent.position = _bytes(string.concat(at, ".position"));
        intent.collateral = _address(string.concat(at, ".collateral"));
        intent.debt = _address(string.concat(at, ".debt"));
        intent.repay = uint128(_uint(string.concat(at, ".repay")));
        intent.seizable = uint128(_uint(string.concat(at, ".seizable")));
        intent.round = uint64(_uint(string.concat(at, ".round")));
        intent.observedBlock = uint64(_uint(string.concat(at, ".observedBlock")));
        intent.observedBlockHash = _word(string.concat(at, ".observedBlockHash"));
        intent.quoteBy = uint64(_uint(string.concat(at, ".quoteBy")));
        intent.openBy = uint64(_uint(string.concat(at, ".openBy")));
    }

    function test_Quotes() public {
        _load("quote.json");
        uint256 i;
        for (; _has(_at("accepted", i)); ++i) {
            string memory at = _at("accepted", i);
            Quote memory quote = Quote({
                intent: _word(string.concat(at, ".intent")),
                solver: _address(string.concat(at, ".solver")),
                ask: uint128(_uint(string.concat(at, ".ask"))),
                payDomain: uint32(_uint(string.concat(at, ".payDomain"))),
                payout: _address(string.concat(at, ".payout")),
                epoch: uint64(_uint(string.concat(at, ".epoch")))
            });
            _expect(at, digests.hashQuote(quote));
            assertEq(abi.encode(quote), _bytes(string.concat(at, ".abi")), at);
        }
        assertGt(i, 0);
    }

    function test_Awards() public {
        _load("award.json");
        uint256 i;
        for (; _has(_at("accepted", i)); ++i) {
            string memory at = _at("accepted", i);
            Award memory award = Award({
                intent: _word(string.concat(at, ".intent")),
                attempt: uint8(_uint(string.concat(at, ".attempt"))),
                first: _word(string.concat(at, ".first")),
                second: _word(string.concat(at, ".second")),
                third: _word(string.concat(at, ".third"))
            });
            _expect(at, digests.hashAward(award));
        }
        assertGt(i, 0);
    }

    /// Tallies and ballots never come on chain; their digests are held to EIP-712 all the same.
    function test_Tallies() public {
        _load("tally.json");
        _expectList("intent", "quotes", keccak256("Tally(bytes32 intent,bytes32[] quotes)"));
    }

    function test_Ballots() public {
        _load("ballot.json");
        _expectList("award", "tallies", keccak256("Ballot(bytes32 award,bytes32[] tallies)"));
    }

    function _expectList(string memory head, string memory list, bytes32 typeHash) internal view {
        uint256 i;
        for (; _has(_at("accepted", i)); ++i) {
            string memory at = _at("accepted", i);
            bytes32[] memory words = vm.parseJsonBytes32Array(json, string.concat(at, ".", list));
            bytes32 structHash = keccak256(
                abi.encode(typeHash, _word(string.concat(at, ".", head)), keccak256(abi.encodePacked(words)))
            );
            _expect(at, structHash);
        }
        assertGt(i, 0);
    }

    /// Landings as TypeScript encodes them decode here to the same digests and k ascending signers.
    function test_Certificates() public {
        _load("certificate.json");
        address[] memory auctioneers = vm.parseJsonAddressArray(json, ".auctioneers");
        uint256 i;
        for (; _has(_at("accepted", i)); ++i) {
            string memory at = _at("accepted", i);
            bytes memory encoded = _bytes(string.concat(at, ".landing"));
            Landing memory landing = digests.decodeLanding(encoded);
            assertEq(abi.encode(landing), encoded, "canonical");
            bytes32 award = _expectLanding(at, landing);
            _expectSigners(at, award, landing.signatures, auctioneers);
        }
        assertGt(i, 0);
    }

    function _expectLanding(string memory at, Landing memory landing) internal view returns (bytes32 digest) {
        bytes32 intent = digests.digest(separator, digests.hashIntent(landing.intent));
        assertEq(intent, _word(string.concat(at, ".intentDigest")), at);
        bytes32[] memory expected = vm.parseJsonBytes32Array(json, string.concat(at, ".quoteDigests"));
        assertEq(landing.quotes.length, expected.length, at);
        bytes32[3] memory ranked;
        for (uint256 i; i < expected.length; ++i) {
            SignedQuote memory signed = landing.quotes[i];
            ranked[i] = digests.digest(separator, digests.hashQuote(signed.quote));
            assertEq(ranked[i], expected[i], at);
            assertEq(signed.quote.intent, intent, at);
            ECDSA.recover(ranked[i], signed.signature);
        }
        Award memory award = Award(intent, landing.attempt, ranked[0], ranked[1], ranked[2]);
        digest = digests.digest(separator, digests.hashAward(award));
        assertEq(digest, _word(string.concat(at, ".awardDigest")), at);
        assertEq(landing.signatures, _bytes(string.concat(at, ".signatures")), at);
    }

    function _expectSigners(string memory at, bytes32 award, bytes memory signatures, address[] memory auctioneers)
        internal
        view
    {
        address[] memory signers = vm.parseJsonAddressArray(json, string.concat(at, ".signers"));
        assertEq(signers.length, _uint(".threshold"), at);
        assertEq(signatures.length, signers.length * 65, at);
        address previous;
        for (uint256 i; i < signers.length; ++i) {
            bytes memory signature = new bytes(65);
            for (uint256 j; j < 65; ++j) {
                signature[j] = signatures[i * 65 + j];
            }
            address signer = ECDSA.recover(award, signature);
            assertEq(signer, signers[i], at);
            assertGt(uint160(signer), uint160(previous), at);
            bool known;
            for (uint256 j; j < auctioneers.length; ++j) {
                known = known || auctioneers[j] == signer;
            }
            assertTrue(known, at);
            previous = signer;
        }
    }

    /// What TypeScript refuses as a signature, the contracts refuse too.
    function test_RejectedSignatures() public {
        _load("signature.json");
        uint256 i;
        for (; _has(_at("rejected", i)); ++i) {
            string memory at = _at("rejected", i);
            bytes32 digest = _word(string.concat(at, ".digest"));
            (address signer, ECDSA.RecoverError error,) =
                ECDSA.tryRecover(digest, _bytes(string.concat(at, ".signature")));
            assertTrue(error != ECDSA.RecoverError.NoError, vm.parseJsonString(json, string.concat(at, ".why")));
            assertEq(signer, address(0));
        }
        assertGt(i, 0);
    }

    function test_Payments() public {
        _load("arithmetic.json");
        uint256 i;
        for (; _has(_at("payments", i)); ++i) {
            string memory at = _at("payments", i);
            uint256 repaid = _uint(string.concat(at, ".repaid"));
            uint256 routeFee = Amounts.partUp(repaid, _uint(string.concat(at, ".feeBps")));
            assertEq(routeFee, _uint(string.concat(at, ".routeFee")), at);
            uint256 amount = Amounts.scaleUp(
                repaid + _uint(string.concat(at, ".keeperFee")) + routeFee,
                uint8(_uint(string.concat(at, ".debtDecimals"))),
                uint8(_uint(string.concat(at, ".payDecimals")))
            );
            assertEq(amount, _uint(string.concat(at, ".payAmount")), at);
        }
        assertGt(i, 0);
    }

    /// Bonds and penalties as `Landings` derives them from the rules of a market.
    function test_Bonds() public {
        _load("arithmetic.json");
        uint256 i;
        for (; _has(_at("bonds", i)); ++i) {
            string memory at = _at("bonds", i);
            uint256 repay = _uint(string.concat(at, ".repay"));
            uint256 seizable = _uint(string.concat(at, ".seizable"));
            uint256 ask = _uint(string.concat(at, ".ask"));
            uint256 rise = Math.max(ask, Amounts.part(seizable, _uint(string.concat(at, ".maxAskBps")))) - ask;
            uint256 penalty = Amounts.latePenalty(
                repay, seizable, rise, _uint(string.concat(at, ".lateBountyBps")), _uint(string.concat(at, ".bonusBps"))
            );
            uint256 stress = Amounts.partUp(repay, _uint(string.concat(at, ".stressBps")));
            assertEq(Math.max(stress, penalty), _uint(string.concat(at, ".bond")), at);
            uint256 fadePenalty = Amounts.partUp(repay, _uint(string.concat(at, ".fadeBps")));
            assertEq(fadePenalty, _uint(string.concat(at, ".fadePenalty")), at);
        }
        assertGt(i, 0);
    }

    function test_Lots() public {
        _load("arithmetic.json");
        uint256 i;
        for (; _has(_at("lots", i)); ++i) {
            string memory at = _at("lots", i);
            uint256 lot = Lots.rising(
                _uint(string.concat(at, ".full")),
                _uint(string.concat(at, ".leastBps")),
                _uint(string.concat(at, ".start")),
                _uint(string.concat(at, ".length")),
                _uint(string.concat(at, ".at"))
            );
            assertEq(lot, _uint(string.concat(at, ".lot")), at);
        }
        assertGt(i, 0);
    }

    function test_Asks() public {
        _load("arithmetic.json");
        uint256 i;
        for (; _has(_at("asks", i)); ++i) {
            string memory at = _at("asks", i);
            uint256 rising = Lots.risingAsk(
                _uint(string.concat(at, ".ask")),
                _uint(string.concat(at, ".maxAsk")),
                _uint(string.concat(at, ".exclusiveUntil")),
                _uint(string.concat(at, ".fillDeadline")),
                _uint(string.concat(at, ".at"))
            );
            assertEq(rising, _uint(string.concat(at, ".rising")), at);
        }
        assertGt(i, 0);
    }
}
