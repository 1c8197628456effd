// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {RepaymentEscrow} from "../../src/RepaymentEscrow.sol";
import {ICollateralEscrow} from "../../src/interfaces/ICollateralEscrow.sol";
import {Fill, Landing, Order, OrderState, PaymentState} from "../../src/types/Types.sol";
import {Encodings} from "../base/Encodings.sol";
import {IHyperlaneMailbox, MockPassThroughIsm} from "../base/HyperlaneFixture.sol";
import {MockLendingAdapter} from "../base/MockLendingAdapter.sol";
import {FeeOnTransferToken, MoodyToken} from "../base/MockTokens.sol";
import {AttackTest} from "./AttackTest.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice A mock bridge of an attacker's: takes its whole allowance of any token.
contract MockGraspingBridge {
    address public immutable VICTIM_TOKEN;
    bool public grasped;

    constructor(address victimToken) {
        VICTIM_TOKEN = victimToken;
    }

    function quote(address, uint256, uint32, address) external pure returns (uint256) {
        return 0;
    }

    function transfer(address, uint256, uint32, address) external payable returns (bytes32) {
        uint256 all = IERC20(VICTIM_TOKEN).balanceOf(msg.sender);
        (grasped,) = VICTIM_TOKEN.call(abi.encodeCall(IERC20.transferFrom, (msg.sender, address(this), all)));
        return 0;
    }
}

/// @title The thirteen weaknesses found in the field's own contracts, each shown absent here.
contract KnownVulnerabilitiesTest is AttackTest {
    /// A refund sent through a third chain took the solver's pay: origin and settler of an answer were not checked.
    function test_Known01_RefundThroughAThirdChain() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        uint256 before = pay.dollar.balanceOf(alice.account);
        Fill memory facts = _fillByWinner(pay, order);
        _third();
        // the home escrow's own address on a third chain, another contract of home, and the pay chain itself
        _deliver(_dispatchAs(third, address(home.collateral), pay, address(pay.repayment), _verdictBody(id, false)));
        _deliver(_dispatchAs(home, thief, pay, address(pay.repayment), _verdictBody(id, false)));
        _deliver(_dispatchAs(home, address(home.repayment), pay, address(pay.repayment), _verdictBody(id, false)));
        _deliver(_dispatchAs(pay, address(home.collateral), pay, address(pay.repayment), _verdictBody(id, false)));
        _expectPayment(id, PaymentState.Filled);
        vm.expectRevert(_wrongState(id, PaymentState.Filled));
        pay.repayment.refund(facts);

        // nor does a third chain make home refuse what it has not opened yet, or has
        vm.warp(order.openBy + 1);
        _deliver(
            _dispatchAs(
                third, address(pay.repayment), home, address(home.collateral), Encodings.reportBody(_one(facts), thief)
            )
        );
        _expectOrder(id, OrderState.Open);
        _expectHonestEnd(id, facts);
        assertEq(before - pay.dollar.balanceOf(alice.account), order.payAmount, "paid once, nothing came back");
    }

    /// A refund was dispatched early, because its deadline came from outside the hashed order.
    function test_Known02_RefundByADeadlineOutsideTheOrder() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        Fill memory facts = _fillByWinner(pay, order);
        // every deadline bent into the past makes another order, which was never paid
        Fill memory bent = abi.decode(abi.encode(facts), (Fill));
        bent.order.openBy = 1;
        bent.order.exclusiveUntil = 2;
        bent.order.fillDeadline = 3;
        bent.order.expiresAt = 4;
        bytes32 other = _idOf(bent.order);
        vm.expectRevert(abi.encodeWithSelector(RepaymentEscrow.UnknownFill.selector, other));
        pay.repayment.report(HOME_DOMAIN, address(home.collateral), Encodings.payments(_one(bent)));
        vm.expectRevert(abi.encodeWithSelector(RepaymentEscrow.UnknownFill.selector, other));
        pay.repayment.refund(bent);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.NotOpen.selector, other, OrderState.None));
        home.collateral.expire(bent.order);
        // even a pay escrow that lies about them gets a refusal for the other order alone
        _deliver(
            _dispatchAs(
                pay,
                address(pay.repayment),
                home,
                address(home.collateral),
                Encodings.reportBody(_one(bent), address(0))
            )
        );
        _expectOrder(other, OrderState.Refused);
        _answer(home, pay, other);
        _expectOrder(id, OrderState.Open);
        _expectPayment(id, PaymentState.Filled);
        // and long after every deadline, no clock refunds
        vm.warp(order.expiresAt + 365 days);
        vm.expectRevert(_wrongState(id, PaymentState.Filled));
        pay.repayment.refund(facts);
        _expectHonestEnd(id, facts);
    }

    /// Unlimited approvals were given to an address taken from an unvalidated order.
    function test_Known03_ApprovalsToAnAddressFromAnOrder() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        Fill memory honest = _fillByWinner(pay, order);
        // an order of the thief's own home, with a bridge that takes its whole allowance
        MockGraspingBridge bridge = new MockGraspingBridge(address(pay.dollar));
        Order memory trap = _copy(order);
        trap.homeEscrow = thief;
        trap.bridge = address(bridge);
        trap.treasury = thief;
        trap.payout = thief;
        Fill memory facts = _fill(pay, trap, thief, thief);
        _deliver(_dispatchAs(home, thief, pay, address(pay.repayment), _verdictBody(_idOf(trap), true)));
        pay.repayment.release(facts);
        assertFalse(bridge.grasped(), "nothing was approved");
        assertEq(pay.dollar.balanceOf(address(bridge)), trap.payAmount, "its own payment and no more");
        assertEq(pay.dollar.balanceOf(address(pay.repayment)), order.payAmount, "the neighbour's is there");
        address[4] memory spenders = [address(bridge), thief, order.treasury, address(pay.mailbox)];
        for (uint256 i; i < spenders.length; ++i) {
            assertEq(pay.dollar.allowance(address(pay.repayment), spenders[i]), 0);
        }
        // at home, adapter and vault are pushed to and never approved
        assertEq(home.dollar.allowance(address(home.collateral), address(home.adapter)), 0);
        assertEq(home.dollar.allowance(address(home.collateral), address(home.vault)), 0);
        assertEq(home.ether_.allowance(address(home.collateral), address(home.adapter)), 0);
        assertEq(home.dollar.allowance(address(home.vault), address(home.adapter)), 0);
        _expectHonestEnd(id, honest);
    }

    /// A checkpoint was written before the settlement succeeded, so fills were stranded.
    function test_Known04_CheckpointBeforeSettlement() public {
        (bytes32 first, Order memory one) = _openOne(home, pay, "one", 2.6 ether);
        (bytes32 second, Order memory two) = _openOne(home, pay, "two", 2.6 ether);
        Fill[] memory fills = new Fill[](2);
        (fills[0], fills[1]) = (_fillByWinner(pay, one), _fillByWinner(pay, two));
        bytes memory message = _report(pay, fills);
        bytes memory call = abi.encodeCall(IHyperlaneMailbox.process, ("", message));
        uint256 failures;
        for (uint256 gas_ = 100_000; gas_ < 1_000_000; gas_ += 20_000) {
            (bool ok,) = address(home.mailbox).call{gas: gas_}(call);
            if (ok) break;
            ++failures;
            assertFalse(home.mailbox.delivered(keccak256(message)), "not delivered");
            _expectOrder(first, OrderState.Open);
            _expectOrder(second, OrderState.Open);
            assertEq(_ether(alice.payout), 0);
        }
        assertGt(failures, 3);
        assertTrue(home.mailbox.delivered(keccak256(message)));
        _expectOrder(first, OrderState.Settled);
        _expectOrder(second, OrderState.Settled);
        assertEq(_ether(alice.payout), 5.2 ether);

        // a report that came too early leaves no trace either, nor does a report without effect stop the next
        (bytes32 early, Order memory undone) = _undone("three");
        Fill memory facts = _fillByWinner(pay, undone);
        _reportAndDeliver(pay, facts);
        _expectOrder(early, OrderState.None);
        _openOne(home, pay, "three", 2.6 ether);
        _reportAndDeliver(pay, facts);
        _expectOrder(early, OrderState.Settled);
        assertEq(_ether(alice.payout), 7.8 ether);
    }

    /// One malformed item, or one transfer that reverted, blocked a whole batch.
    function test_Known05_OneItemBlocksTheBatch() public {
        MoodyToken token = new MoodyToken(18);
        token.mint(address(home.adapter), 1000 ether);
        home.registry.setCollateral(MARKET, address(token), true);
        MoodyToken.Mood[4] memory moods = [
            MoodyToken.Mood.Reverting,
            MoodyToken.Mood.Bombing,
            MoodyToken.Mood.BurningGas,
            MoodyToken.Mood.ReturningFalse
        ];
        Fill[] memory fills = new Fill[](8);
        for (uint256 i; i < 4; ++i) {
            Order memory order = _openWith(address(token), bytes32(i + 1));
            address payee = address(uint160(0xbad00 + i));
            token.setMood(payee, moods[i]);
            fills[i] = Fill(order, bob.account, payee, order.ask, order.openBy);
        }
        (bytes32 id, Order memory honest) = _openOne(home, pay, "honest", 2.6 ether);
        fills[4] = Fill(_copy(honest), bob.account, thief, honest.ask, honest.openBy);
        fills[4].order.solver = thief; // of another order, and a run of its own
        fills[5] = Fill(_copy(honest), bob.account, thief, honest.ask, honest.openBy);
        fills[5].order.quote = "unknown";
        fills[6] = fills[0]; // a duplicate
        fills[7] = Fill(honest, alice.account, alice.payout, honest.ask, honest.openBy);
        _deliver(
            _dispatchAs(
                pay, address(pay.repayment), home, address(home.collateral), Encodings.reportBody(fills, keeper)
            )
        );
        _expectOrder(id, OrderState.Settled);
        assertEq(_ether(alice.payout), 2.6 ether, "behind all of them");
        for (uint256 i; i < 4; ++i) {
            _expectOrder(_idOf(fills[i].order), OrderState.Settled);
            assertEq(home.collateral.credits(address(token), fills[i].beneficiary), 2.6 ether, "once, to be claimed");
        }
        assertEq(_lockedOf(alice), 0);
        vm.prank(fills[0].beneficiary);
        home.collateral.claim(address(token), stranger);
        assertEq(token.balanceOf(stranger), 2.6 ether, "elsewhere");

        // verdicts: one of an unknown order, then a good one; and a refused payee blocks its own refund alone
        Fill memory facts = _fillByWinner(pay, honest);
        bytes32[] memory ids = new bytes32[](2);
        bool[] memory answers = new bool[](2);
        (ids[0], ids[1], answers[1]) = ("unknown", id, true);
        _deliver(
            _dispatchAs(home, address(home.collateral), pay, address(pay.repayment), Encodings.verdicts(ids, answers))
        );
        _expectPayment(id, PaymentState.Accepted);
        pay.repayment.release(facts);
        assertEq(pay.dollar.balanceOf(vaultTreasury), honest.payAmount);
    }

    /// @dev Opens alice's remote order on a position whose collateral is `token`.
    function _openWith(address token, bytes32 salt) internal returns (Order memory order) {
        bytes memory position = abi.encode(salt, makeAddr("borrower"));
        home.adapter
            .setPosition(
                position, MockLendingAdapter.Position(token, address(home.dollar), 5000e6, 2.75 ether, 0.97e18)
            );
        (, order) = _open(home, _landingOf(home, _intent(home, position), alice, 2.6 ether, PAY_DOMAIN));
    }

    /// Hyperlane's domain was taken for the chain id, and proofs were lost.
    function test_Known06_DomainIsNoChainId() public {
        assertTrue(home.domain != home.chainId && pay.domain != pay.chainId);
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        assertEq(order.homeDomain, home.domain);
        assertEq(order.payDomain, pay.domain);
        vm.chainId(pay.chainId);
        Fill memory facts = _fillByWinner(pay, order);
        // a chain whose domain is the pay chain's id is another chain
        vm.prank(address(home.mailbox));
        home.collateral
            .handle(uint32(pay.chainId), _word(address(pay.repayment)), Encodings.reportBody(_one(facts), address(0)));
        _expectOrder(id, OrderState.Open);
        _expectHonestEnd(id, facts);
        assertEq(home.vault.away(pay.domain), 5004.5e6, "awaited from the domain");
    }

    /// An order could live long enough to be filled but not to be proved; a proven order was refunded all the same.
    function test_Known07_ExpiryBeforeTheProof() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        assertEq(order.expiresAt, order.fillDeadline + _terms(home).proofWindow, "time to prove the last fill");
        vm.warp(order.fillDeadline);
        Fill memory facts = _fillByWinner(pay, order);
        bytes memory message = _report(pay, _one(facts));
        vm.warp(order.expiresAt);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.NotExpiredYet.selector, order.expiresAt));
        home.collateral.expire(order);
        // and where the proof needed longer still: expiry ends nothing
        vm.warp(order.expiresAt + 1);
        home.collateral.expire(order);
        _deliver(message);
        _expectOrder(id, OrderState.Settled);
        assertEq(_ether(alice.payout), facts.ask);
        // proven, it can neither be expired again, nor sold, nor refunded
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.NotOpen.selector, id, OrderState.Settled));
        home.collateral.expire(order);
        vm.prank(buyer);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.NotOnSale.selector, id, OrderState.Settled));
        home.collateral.buy(order, 0, type(uint256).max, buyer);
        _answer(home, pay, id);
        vm.expectRevert(_wrongState(id, PaymentState.Accepted));
        pay.repayment.refund(facts);
        pay.repayment.release(facts);
        assertEq(pay.dollar.balanceOf(vaultTreasury), order.payAmount);
        assertEq(home.vault.away(PAY_DOMAIN), 5004.5e6);
    }

    /// A reorganisation after instant finality left an undone fill paid for.
    function test_Known08_ReorganisationUndoesAFill() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        MockPassThroughIsm finalised = new MockPassThroughIsm(); // signs what is final, and nothing else
        home.collateral.setSecurityModule(address(finalised));
        finalised.setRefusing(true);
        // the pay chain runs back: the message is out, the payment is not there
        uint256 snapshot = cheats.snapshotState();
        bytes memory message = _report(pay, _one(_fillByWinner(pay, order)));
        cheats.revertToState(snapshot);
        vm.expectRevert("Mailbox: ISM verification failed");
        home.mailbox.process("", message);
        _expectOrder(id, OrderState.Open);
        assertEq(_ether(alice.payout), 0, "nothing is paid for it");
        _expectPayment(id, PaymentState.None);
        vm.warp(order.expiresAt + 1);
        home.collateral.expire(order); // the lot is the vault's security still
        assertEq(home.vault.lots(), 5002e6);

        // the home chain runs back under a payment: it waits, and is refunded whole when the order never comes
        finalised.setRefusing(false);
        (bytes32 undoneId, Order memory undone) = _undone("two");
        uint256 before = pay.dollar.balanceOf(bob.account);
        Fill memory facts = _fill(pay, undone, bob.account, undone.payout);
        _reportAndDeliver(pay, facts);
        _expectOrder(undoneId, OrderState.None);
        vm.warp(undone.openBy + 1);
        _reportAndDeliver(pay, facts);
        _expectOrder(undoneId, OrderState.Refused);
        _answer(home, pay, undoneId);
        pay.repayment.refund(facts);
        assertEq(pay.dollar.balanceOf(bob.account), before);
    }

    /// Tokens with a fee on transfer were paid out of others' deposits in a pooled escrow.
    function test_Known09_FeeOnTransferInThePool() public {
        (bytes32 first, Order memory one) = _openOne(home, pay, "one", 2.6 ether);
        (bytes32 second, Order memory two) = _openOne(home, pay, "two", 2.6 ether);
        Fill memory honest = _fillByWinner(pay, one);
        bytes memory code = address(pay.dollar).code;
        vm.etch(address(pay.dollar), address(new FeeOnTransferToken()).code); // it turns its fee on
        bytes memory data = Encodings.bill(two);
        vm.prank(bob.account);
        vm.expectRevert(
            abi.encodeWithSelector(
                RepaymentEscrow.UnexpectedAmount.selector, two.payAmount - two.payAmount / 100, two.payAmount
            )
        );
        pay.repayment.fill(second, data, abi.encode(alice.payout, uint128(0)));
        _expectPayment(second, PaymentState.None);
        assertEq(pay.dollar.balanceOf(address(pay.repayment)), one.payAmount, "whole, for the only payment");
        vm.etch(address(pay.dollar), code);

        // collateral with a fee: a lot is what arrived, so no order pays out of another's
        FeeOnTransferToken token = new FeeOnTransferToken();
        token.mint(address(home.adapter), 1000 ether);
        home.registry.setCollateral(MARKET, address(token), true);
        Order memory three = _openWith(address(token), "three");
        Order memory four = _openWith(address(token), "four");
        assertEq(_seizedOf(home, _idOf(three)), 2.75 ether * 99 / 100);
        Fill memory greedy = Fill(three, alice.account, thief, type(uint128).max, three.openBy);
        _deliver(
            _dispatchAs(
                pay,
                address(pay.repayment),
                home,
                address(home.collateral),
                Encodings.reportBody(_one(greedy), address(0))
            )
        );
        assertGe(
            token.balanceOf(address(home.collateral)), _seizedOf(home, _idOf(four)), "the neighbour's lot is whole"
        );
        _expectHonestEnd(first, honest);
    }

    /// Arbitrary calls through the settler drained allowances; return bombs burned gas; a signature counted as used
    /// only after the external call.
    function test_Known10_CallsThroughTheSettler() public {
        // Calls: regardless of what an order names, `fill` spends the caller's allowance alone, and `release` knows one
        // call, which no token has; so naming the token as bridge moves nothing.
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        Fill memory honest = _fillByWinner(pay, order);
        uint256 allowance = pay.dollar.allowance(alice.account, address(pay.repayment));
        uint256 balance = pay.dollar.balanceOf(alice.account);
        Order memory trap = _copy(order);
        trap.homeEscrow = thief;
        trap.bridge = address(pay.dollar);
        trap.treasury = alice.account;
        trap.solver = alice.account;
        Fill memory facts = _fill(pay, trap, thief, trap.payout);
        _deliver(_dispatchAs(home, thief, pay, address(pay.repayment), _verdictBody(_idOf(trap), true)));
        vm.expectRevert();
        pay.repayment.release(facts);
        assertEq(pay.dollar.balanceOf(alice.account), balance);
        assertEq(pay.dollar.allowance(alice.account, address(pay.repayment)), allowance);
        assertEq(pay.dollar.balanceOf(address(pay.repayment)), order.payAmount + trap.payAmount);

        // Return bombs: the first quote meets one, and costs no more than its own allowance; the next landing is
        // unharmed.
        bytes memory position = _underwater(home, "two");
        Landing memory landing = _landingOf(home, _intent(home, position), bob, 2.6 ether, HOME_DOMAIN);
        home.adapter.setMode(MockLendingAdapter.Mode.ReturnBombing);
        uint256 gas_ = gasleft();
        (uint8 landed,) = _land(home, landing);
        assertEq(landed, 0);
        assertLt(gas_ - gasleft(), 1_000_000, "the bomb was not copied");
        home.adapter.setMode(MockLendingAdapter.Mode.Normal);

        // Signatures: the round is over before the protocol is called, and the protocol cannot land the same award
        // again.
        home.adapter.setCallback(address(home.collateral), abi.encodeCall(home.collateral.land, (landing)));
        uint256 before = home.dollar.balanceOf(bob.account);
        (landed,) = _land(home, landing);
        assertEq(landed, 1);
        assertFalse(home.adapter.callbackOk());
        home.adapter.setCallback(address(0), "");
        _underwater(home, "two"); // still unhealthy, for all the thief can do
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.WrongRound.selector, 0, 1));
        home.collateral.land(landing);
        assertEq(before - home.dollar.balanceOf(bob.account), 5002e6, "paid once");
        assertEq(_ether(bob.payout), 2.6 ether);

        _reportAndDeliver(pay, honest);
        _answer(home, pay, id);
        pay.repayment.release(honest);
        assertEq(pay.dollar.balanceOf(vaultTreasury), order.payAmount);
    }

    /// A zero payee burned the pay; an excess message fee was kept; a sender was accepted on every chain.
    function test_Known11_ZeroPayeeExcessFeeAnySender() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        uint256 snapshot = cheats.snapshotState();
        vm.warp(order.exclusiveUntil + 1);
        vm.prank(bob.account);
        vm.expectRevert(RepaymentEscrow.ZeroAddress.selector);
        pay.repayment.fill(id, Encodings.bill(order), abi.encode(address(0), uint128(0)));
        _expectPayment(id, PaymentState.None);
        cheats.revertToState(snapshot);

        Fill memory facts = _fillByWinner(pay, order);
        // the sender is right, the chain is not; then the chain is right, the sender is not
        _third();
        Fill memory lie = Fill(order, thief, thief, order.maxAsk, facts.filledAt);
        bytes memory body = Encodings.reportBody(_one(lie), address(0));
        _deliver(_dispatchAs(third, address(pay.repayment), home, address(home.collateral), body));
        _deliver(_dispatchAs(pay, address(third.repayment), home, address(home.collateral), body));
        _expectOrder(id, OrderState.Open);
        assertEq(_ether(thief), 0);

        bytes memory payments = Encodings.payments(_one(facts));
        uint256 fee = pay.repayment.quoteReport(HOME_DOMAIN, address(home.collateral), payments);
        uint256 before = keeper.balance;
        vm.recordLogs();
        vm.prank(keeper);
        pay.repayment.report{value: 1 ether}(HOME_DOMAIN, address(home.collateral), payments);
        assertEq(before - keeper.balance, fee, "the excess came back");
        _deliver(_dispatched()[0]);
        fee = home.collateral.quoteVerdicts(PAY_DOMAIN, address(pay.repayment), _one(id));
        before = keeper.balance;
        vm.recordLogs();
        vm.prank(keeper);
        home.collateral.sendVerdicts{value: 1 ether}(PAY_DOMAIN, address(pay.repayment), _one(id));
        assertEq(before - keeper.balance, fee, "the excess came back");
        _deliver(_dispatched()[0]);
        before = keeper.balance;
        vm.prank(keeper);
        pay.repayment.release{value: 1 ether}(facts);
        assertEq(keeper.balance, before, "no bridge, no fee");
        assertEq(address(pay.repayment).balance + address(home.collateral).balance, 0);
        assertEq(_ether(alice.payout), 2.6 ether);

        vm.prank(alice.payout);
        vm.expectRevert(ICollateralEscrow.ZeroAddress.selector);
        home.collateral.claim(address(home.ether_), address(0));
    }

    /// Nonces of contract wallets were skipped, and orders of theirs lost. No account's nonce is used here: a
    /// position's round counts landings, one by one, regardless of who lands and what fails; and a contract's quotes
    /// are a key's.
    function test_Known12_NoncesOfContractWallets() public {
        vm.etch(alice.account, hex"00"); // a contract wallet
        vm.etch(keeper, hex"00");
        vm.setNonce(keeper, 77);
        bytes memory position = _underwater(home, "one");
        bytes32 key = _positionKey(position);
        Landing memory first = _landingOf(home, _intent(home, position), alice, 2.6 ether, HOME_DOMAIN);
        Landing memory failing = _landingOf(home, _intent(home, position), bob, 2.7 ether, 9999);
        (uint8 landed,) = _land(home, failing);
        assertEq(landed, 0);
        assertEq(home.collateral.rounds(key), 0, "what lands nothing skips nothing");
        (landed,) = _land(home, first);
        assertEq(landed, 1, "and what was signed before still lands");
        assertEq(home.collateral.rounds(key), 1);
        assertEq(_ether(alice.payout), 2.6 ether);

        // orders of one account open and settle in any order
        (bytes32 two, Order memory second) = _openOne(home, pay, "two", 2.6 ether);
        (bytes32 three, Order memory thirdOrder) = _openOne(home, pay, "three", 2.6 ether);
        _reportAndDeliver(pay, _fillByWinner(pay, thirdOrder));
        _expectOrder(two, OrderState.Open);
        _expectOrder(three, OrderState.Settled);
        _reportAndDeliver(pay, _fillByWinner(pay, second));
        _expectOrder(two, OrderState.Settled);
        assertEq(_ether(alice.payout), 7.8 ether);
        assertEq(home.collateral.rounds(key), 1);
    }

    /// The Dutch floor was budgeted wrongly, and solvers overpaid. Here a payer pays the same amount whenever it fills,
    /// and is handed exactly the ask its fill showed, at every point of the curve.
    function test_Known13_TheFloorOfADutchAuction() public {
        uint256 rest = _terms(home).fillWindow;
        uint256[5] memory waits = [uint256(0), 1, 200, rest - 1, rest];
        for (uint256 i; i < waits.length; ++i) {
            uint256 snapshot = cheats.snapshotState();
            (bytes32 id, Order memory order) = _openOne(home, pay, bytes32(i + 1), 2.6 ether);
            vm.warp(order.exclusiveUntil + waits[i]);
            uint256 before = pay.dollar.balanceOf(bob.account);
            bool late = waits[i] != 0;
            Fill memory facts = _fill(pay, order, bob.account, late ? bob.payout : alice.payout);
            assertEq(before - pay.dollar.balanceOf(bob.account), order.payAmount, "never more than the order says");
            assertEq(facts.ask, 2.6 ether + 0.1225 ether * waits[i] / rest, "what the curve says");
            _reportAndDeliver(pay, facts);
            assertEq(_ether(late ? bob.payout : alice.payout), facts.ask, "handed out to the unit");
            assertEq(
                _surplusOf(home, _positionOf(bytes32(i + 1))) + _creditOf(home, protocolTreasury),
                2.75 ether - facts.ask,
                "and the rest split to the unit"
            );
            // the bond was budgeted for the whole rise
            uint256 penalty = late ? BOUNTY + Math.ceilDiv((facts.ask - order.ask) * 2000e6, 1 ether) : 0;
            assertApproxEqAbs(_lockedOf(alice), penalty, 1);
            assertGe(_lockedOf(alice), penalty);
            _expectOrder(id, OrderState.Settled);
            cheats.revertToState(snapshot);
        }

        // the home sale's floor: what is paid is what was offered, never above the buyer's limit, never below the floor
        (, Order memory defaulted) = _openOne(home, pay, "defaulted", 2.6 ether);
        vm.warp(defaulted.expiresAt + 1);
        home.collateral.expire(defaulted);
        vm.warp(block.timestamp + 1200);
        (uint256 lot, uint256 price) = home.collateral.offer(defaulted);
        assertEq(price, 3501.4e6, "70 % of the debt");
        vm.prank(buyer);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.PriceAboveMost.selector, price, price - 1));
        home.collateral.buy(defaulted, lot, price - 1, buyer);
        vm.prank(buyer);
        home.collateral.buy(defaulted, lot, price, buyer);
        assertEq(home.dollar.balanceOf(buyer), 100_000e6 - price);
        assertEq(_ether(buyer), lot);
    }

    function _positionOf(bytes32 salt) internal returns (bytes memory) {
        return abi.encode(salt, makeAddr("borrower"));
    }
}
