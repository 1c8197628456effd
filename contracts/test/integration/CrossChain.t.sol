// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {RepaymentEscrow} from "../../src/RepaymentEscrow.sol";
import {ICollateralEscrow} from "../../src/interfaces/ICollateralEscrow.sol";
import {Fill, Intent, Landing, Order, OrderState, PaymentState} from "../../src/types/Types.sol";
import {Encodings} from "../base/Encodings.sol";
import {GavelTest} from "../base/GavelTest.sol";
import {IHyperlaneMailbox} from "../base/HyperlaneFixture.sol";
import {Vm} from "forge-std/Vm.sol";

/// @title Whole lives of orders, through real Mailboxes on both sides.
contract CrossChainTest is GavelTest {
    function _expectPayment(Deployment storage c, bytes32 id, PaymentState state) internal view {
        assertEq(uint8(c.repayment.payments(id)), uint8(state));
    }

    function _expectOrder(Deployment storage c, bytes32 id, OrderState state) internal view {
        assertEq(uint8(_stateOf(c, id)), uint8(state));
    }

    function test_DomainsAreNoChainIds() public view {
        assertEq(home.collateral.localDomain(), HOME_DOMAIN);
        assertEq(pay.repayment.localDomain(), PAY_DOMAIN);
        assertTrue(uint256(HOME_DOMAIN) != home.chainId && uint256(PAY_DOMAIN) != pay.chainId);
        assertEq(
            home.collateral.domainSeparator(),
            digests.domainSeparator(home.chainId, address(home.collateral)),
            "signatures are bound to the chain id"
        );
        assertEq(pay.collateral.domainSeparator(), digests.domainSeparator(pay.chainId, address(pay.collateral)));
    }

    function test_WholeLife() public {
        bytes memory position = abi.encode(bytes32("one"), makeAddr("borrower"));
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        _expectOrder(home, id, OrderState.Open);

        uint256 paid = pay.dollar.balanceOf(alice.account);
        Fill memory facts = _fillByWinner(pay, order);
        assertEq(paid - pay.dollar.balanceOf(alice.account), 5004.5e18);
        _expectPayment(pay, id, PaymentState.Filled);

        _deliver(_report(pay, _one(facts)));
        _expectOrder(home, id, OrderState.Settled);
        assertEq(home.ether_.balanceOf(alice.payout), 2.6 ether);
        assertEq(home.bonds.lockedOf(alice.account, address(home.dollar)), 0);
        assertEq(home.vault.away(PAY_DOMAIN), 5004.5e6);

        assertEq(home.collateral.returnSurplus(MARKET, position, address(home.ether_)), 0.12 ether);
        assertEq(home.adapter.returned(keccak256(position)), 0.12 ether);
        vm.prank(protocolTreasury);
        home.collateral.claim(address(home.ether_), protocolTreasury);
        assertEq(home.ether_.balanceOf(address(home.collateral)), 0, "everything handed out");

        _deliver(_verdicts(home, pay, _one(id)));
        _expectPayment(pay, id, PaymentState.Accepted);
        pay.repayment.release(facts);
        _expectPayment(pay, id, PaymentState.Released);
        assertEq(pay.dollar.balanceOf(vaultTreasury), 5004.5e18);
        assertEq(pay.dollar.balanceOf(address(pay.repayment)), 0);

        vm.startPrank(lender);
        home.dollar.approve(address(home.vault), 5004.5e6);
        vm.stopPrank();
        home.dollar.mint(lender, 5004.5e6); // what the bridge would carry
        vm.prank(lender);
        home.vault.bringHome(PAY_DOMAIN, 5004.5e6);
        assertEq(home.vault.idle(), 1_000_002.5e6, "whole again, and the route fee earned");
    }

    function test_WholeLife_TheOtherWayRoundsUpForTheVault() public {
        vm.chainId(pay.chainId);
        bytes memory position = _underwaterWith(pay, "one", 5000e18 + 1, 2.75 ether);
        (bytes32 id, Order memory order) =
            _open(pay, _landingOf(pay, _intent(pay, position), alice, 2.6 ether, HOME_DOMAIN));
        assertEq(order.payAmount, 5004.5e6 + 1, "18 decimals here, 6 there");
        Fill memory facts = _fillByWinner(home, order);
        _deliver(_report(home, _one(facts)));
        _expectOrder(pay, id, OrderState.Settled);
        _deliver(_verdicts(pay, home, _one(id)));
        home.repayment.release(facts);
        assertEq(home.dollar.balanceOf(vaultTreasury), 5004.5e6 + 1);
    }

    function test_ManyFillsOneMessageManyVerdictsOneMessage() public {
        uint256 count = 10;
        Fill[] memory fills = new Fill[](count);
        bytes32[] memory ids = new bytes32[](count);
        for (uint256 i; i < count; ++i) {
            Order memory order;
            (ids[i], order) = _openOne(home, pay, bytes32(i + 1), 2.6 ether);
            fills[i] = _fill(pay, order, i % 2 == 0 ? alice.account : bob.account, alice.payout);
        }
        _deliver(_report(pay, fills));
        for (uint256 i; i < count; ++i) {
            _expectOrder(home, ids[i], OrderState.Settled);
        }
        assertEq(home.ether_.balanceOf(alice.payout), 26 ether);
        assertEq(home.vault.openPrincipal(MARKET), 0);
        _deliver(_verdicts(home, pay, ids));
        for (uint256 i; i < count; ++i) {
            pay.repayment.release(fills[i]);
        }
        assertEq(pay.dollar.balanceOf(vaultTreasury), 50_045e18);
        assertEq(pay.dollar.balanceOf(address(pay.repayment)), 0);
    }

    function test_AcceptedAndRefusedTogether() public {
        (bytes32 accepted, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        (bytes32 refused, Order memory undone) = _undone("two");
        Fill[] memory fills = new Fill[](2);
        fills[0] = _fillByWinner(pay, order);
        fills[1] = _fill(pay, undone, bob.account, alice.payout);
        vm.warp(undone.openBy + 1);
        _deliver(_report(pay, fills));
        _expectOrder(home, accepted, OrderState.Settled);
        _expectOrder(home, refused, OrderState.Refused);

        bytes32[] memory ids = new bytes32[](2);
        (ids[0], ids[1]) = (accepted, refused);
        _deliver(_verdicts(home, pay, ids));
        uint256 before = pay.dollar.balanceOf(bob.account);
        pay.repayment.release(fills[0]);
        pay.repayment.refund(fills[1]);
        assertEq(pay.dollar.balanceOf(bob.account) - before, undone.payAmount, "whole, to the payer");
        assertEq(pay.dollar.balanceOf(address(pay.repayment)), 0);
    }

    /// @dev An order whose landing a reorganisation undid: the pay chain cannot know.
    function _undone(bytes32 salt) internal returns (bytes32 id, Order memory order) {
        uint256 snapshot = cheats.snapshotState();
        (id, order) = _openOne(home, pay, salt, 2.6 ether);
        cheats.revertToState(snapshot);
    }

    function test_ReorgedLandingLandsAgainAndTheEarlyFillCounts() public {
        (bytes32 id, Order memory order) = _undone("one");
        Fill memory facts = _fillByWinner(pay, order);
        bytes memory early = _report(pay, _one(facts));
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.FillSkipped(id);
        _deliver(early);
        (bytes32 again,) = _openOne(home, pay, "one", 2.6 ether);
        assertEq(again, id);
        _deliver(_report(pay, _one(facts)));
        _expectOrder(home, id, OrderState.Settled);
    }

    function test_ARefusedIdNeverOpens() public {
        bytes memory position = _underwater(home, "one");
        Landing memory landing = _landingOf(home, _intent(home, position), alice, 2.6 ether, PAY_DOMAIN);
        (bytes32 id, Order memory order) = _undone("one");
        _underwater(home, "one");
        Fill memory facts = _fillByWinner(pay, order);
        vm.warp(order.openBy + 1);
        _deliver(_report(pay, _one(facts)));
        _expectOrder(home, id, OrderState.Refused);
        cheats.expectPartialRevert(ICollateralEscrow.OutsideWindow.selector);
        home.collateral.land(landing);
        _answer(home, pay, id);
        pay.repayment.refund(facts);
        _expectPayment(pay, id, PaymentState.Refunded);
    }

    function test_MessagesAreDeliveredOnceAndReportsAnyNumberOfTimes() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        Fill memory facts = _fillByWinner(pay, order);
        bytes memory first = _report(pay, _one(facts));
        bytes memory second = _report(pay, _one(facts));
        _deliver(first);
        vm.expectRevert("Mailbox: already delivered");
        home.mailbox.process("", first);
        _deliver(second);
        assertEq(home.ether_.balanceOf(alice.payout), 2.6 ether);

        bytes memory verdict = _verdicts(home, pay, _one(id));
        bytes memory repeated = _verdicts(home, pay, _one(id));
        _deliver(verdict);
        pay.repayment.release(facts);
        _deliver(repeated);
        _expectPayment(pay, id, PaymentState.Released);
    }

    function test_SecondPhase_AnyoneFillsForThemselves() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        vm.warp(order.exclusiveUntil + 300);
        Fill memory facts = _fill(pay, order, bob.account, bob.payout);
        assertEq(facts.ask, 2.661_25 ether);
        _deliver(_report(pay, _one(facts)));
        _expectOrder(home, id, OrderState.Settled);
        assertEq(home.ether_.balanceOf(bob.payout), 2.661_25 ether);
        assertEq(home.ether_.balanceOf(alice.payout), 0);
    }

    // ---- impostors ----

    function _dispatchAs(Deployment storage from, address sender, uint32 to, address recipient, bytes memory body)
        internal
        returns (bytes memory message)
    {
        vm.deal(sender, 1 ether);
        vm.recordLogs();
        vm.prank(sender);
        from.mailbox.dispatch{value: MESSAGE_FEE}(to, bytes32(uint256(uint160(recipient))), body, "");
        return _dispatched()[0];
    }

    function test_Impostor_ReportFromAnotherSender() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        Fill memory lie = Fill(order, stranger, stranger, order.maxAsk, uint64(block.timestamp));
        bytes memory body = Encodings.reportBody(_one(lie), stranger);
        bytes memory message = _dispatchAs(pay, stranger, HOME_DOMAIN, address(home.collateral), body);
        order.payEscrow = stranger; // what it says is of this order, which was never opened
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.FillSkipped(Encodings.id(order));
        _deliver(message);
        _expectOrder(home, id, OrderState.Open);
    }

    /// The same address as the pay escrow, on a third chain.
    function test_Impostor_ReportFromAThirdChain() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        Deployment storage third = _third();
        Fill memory lie = Fill(order, stranger, stranger, order.maxAsk, uint64(block.timestamp));
        bytes memory body = Encodings.reportBody(_one(lie), stranger);
        bytes memory message = _dispatchAs(third, address(pay.repayment), HOME_DOMAIN, address(home.collateral), body);
        order.payDomain = third.domain; // what it says is of this order, which was never opened
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.FillSkipped(Encodings.id(order));
        _deliver(message);
        _expectOrder(home, id, OrderState.Open);
    }

    function test_Impostor_VerdictFromAThirdChain() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        Fill memory facts = _fillByWinner(pay, order);
        Deployment storage third = _third();
        bool[] memory refused = new bool[](1);
        bytes memory message = _dispatchAs(
            third, address(home.collateral), PAY_DOMAIN, address(pay.repayment), Encodings.verdicts(_one(id), refused)
        );
        vm.expectEmit(address(pay.repayment));
        emit RepaymentEscrow.VerdictIgnored(id);
        _deliver(message);
        _expectPayment(pay, id, PaymentState.Filled);
        _deliver(_report(pay, _one(facts)));
        _answer(home, pay, id);
        _expectPayment(pay, id, PaymentState.Accepted);
    }

    Deployment internal thirdChain;

    function _third() internal returns (Deployment storage) {
        thirdChain.domain = 1003;
        thirdChain.mailbox = _deployMailbox(1003);
        return thirdChain;
    }

    /// A real verdict, sent to a pay escrow that the order does not name, changes nothing there.
    function test_VerdictToTheWrongPayEscrow() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        Fill memory facts = _fillByWinner(pay, order);
        _deliver(_report(pay, _one(facts)));
        RepaymentEscrow other = new RepaymentEscrow(pay.mailbox, address(pay.manager));
        vm.recordLogs();
        home.collateral.sendVerdicts{value: MESSAGE_FEE}(PAY_DOMAIN, address(other), _one(id));
        bytes memory message = _dispatched()[0];
        vm.expectEmit(address(other));
        emit RepaymentEscrow.VerdictIgnored(id);
        _deliver(message);
        _expectPayment(pay, id, PaymentState.Filled);
    }

    // ---- gas and fees ----

    function test_TooLittleGasIsDeliveredAgain() public {
        (bytes32 first, Order memory one) = _openOne(home, pay, "one", 2.6 ether);
        (bytes32 second, Order memory two) = _openOne(home, pay, "two", 2.6 ether);
        Fill[] memory fills = new Fill[](2);
        fills[0] = _fillByWinner(pay, one);
        fills[1] = _fillByWinner(pay, two);
        bytes memory message = _report(pay, fills);
        bytes memory call = abi.encodeCall(IHyperlaneMailbox.process, ("", message));
        (bool ok,) = address(home.mailbox).call{gas: 260_000}(call);
        assertFalse(ok);
        _expectOrder(home, first, OrderState.Open);
        _deliver(message);
        _expectOrder(home, first, OrderState.Settled);
        _expectOrder(home, second, OrderState.Settled);
    }

    /// What the messages ask the gas paymaster for is enough to deliver them.
    function test_DeclaredGasSuffices() public {
        for (uint256 count = 1; count <= 8; count += 7) {
            Fill[] memory fills = new Fill[](count);
            bytes32[] memory ids = new bytes32[](count);
            for (uint256 i; i < count; ++i) {
                Order memory order;
                (ids[i], order) = _openOne(home, pay, keccak256(abi.encode(count, i)), 2.6 ether);
                fills[i] = _fillByWinner(pay, order);
            }
            _handleWithDeclaredGas(
                home.mailbox,
                address(home.collateral),
                PAY_DOMAIN,
                address(pay.repayment),
                Encodings.reportBody(fills, address(0)),
                count
            );
            bool[] memory accepted = new bool[](count);
            _handleWithDeclaredGas(
                pay.mailbox,
                address(pay.repayment),
                HOME_DOMAIN,
                address(home.collateral),
                Encodings.verdicts(ids, accepted),
                count
            );
        }
    }

    function _handleWithDeclaredGas(
        IHyperlaneMailbox mailbox,
        address recipient,
        uint32 origin,
        address sender,
        bytes memory body,
        uint256 count
    ) internal {
        uint256 declared = home.collateral.HANDLE_BASE_GAS() + count * home.collateral.HANDLE_ITEM_GAS();
        bytes memory call = abi.encodeCall(home.collateral.handle, (origin, bytes32(uint256(uint160(sender))), body));
        vm.prank(address(mailbox));
        (bool ok,) = recipient.call{gas: declared}(call);
        assertTrue(ok, vm.toString(count));
    }

    // ---- money ----

    struct Life {
        bytes32 id;
        Order order;
        Fill facts;
        bool open;
        bool filled;
    }

    /// With live messaging, every payment ends released xor refunded, and every lot is handed out once.
    function testFuzz_EveryPaymentEndsOnce(uint256 seed) public {
        Life[] memory lives = new Life[](3);
        for (uint256 i; i < lives.length; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            Life memory life = lives[i];
            life.open = draw & 1 == 1;
            (life.id, life.order) = life.open ? _openOne(home, pay, bytes32(i + 1), 2.6 ether) : _undone(bytes32(i + 1));
        }
        for (uint256 i; i < lives.length; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i, "fill")));
            if (draw % 4 == 0) continue;
            vm.warp(block.timestamp + draw % 200);
            bool late = block.timestamp > lives[i].order.exclusiveUntil;
            lives[i].facts = _fill(pay, lives[i].order, bob.account, late ? bob.payout : alice.payout);
            lives[i].filled = true;
            if (draw & 16 != 0) _deliver(_report(pay, _one(lives[i].facts)));
        }
        vm.warp(block.timestamp + 1 hours);
        uint256 released;
        for (uint256 i; i < lives.length; ++i) {
            if (!lives[i].filled) continue;
            _deliver(_report(pay, _one(lives[i].facts)));
            _answer(home, pay, lives[i].id);
            (bool wasReleased,) = address(pay.repayment).call(abi.encodeCall(pay.repayment.release, (lives[i].facts)));
            (bool wasRefunded,) = address(pay.repayment).call(abi.encodeCall(pay.repayment.refund, (lives[i].facts)));
            assertTrue(wasReleased != wasRefunded);
            assertEq(wasReleased, lives[i].open);
            if (wasReleased) released += lives[i].order.payAmount;
        }
        assertEq(pay.dollar.balanceOf(address(pay.repayment)), 0);
        assertEq(pay.dollar.balanceOf(vaultTreasury), released);
        assertEq(home.vault.totalAway() * 1e12, released);
    }
}
