// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {MessageClient} from "../../src/MessageClient.sol";
import {ICollateralEscrow} from "../../src/interfaces/ICollateralEscrow.sol";
import {Fill, Intent, Landing, Order, OrderState, Route, Terms} from "../../src/types/Types.sol";
import {Encodings} from "../base/Encodings.sol";
import {GavelTest} from "../base/GavelTest.sol";
import {MockPassThroughIsm} from "../base/HyperlaneFixture.sol";
import {MockLendingAdapter} from "../base/MockLendingAdapter.sol";
import {MoodyToken, NoReturnToken} from "../base/MockTokens.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Vm} from "forge-std/Vm.sol";

contract CollateralEscrowSettleTest is GavelTest {
    /// @dev A fill of an order as the pay chain would report it.
    function _facts(Order memory order) internal view returns (Fill memory) {
        return Fill(order, alice.account, order.payout, order.ask, uint64(block.timestamp));
    }

    /// @dev Hands fills to the home escrow as its Mailbox would.
    function _handle(uint32 origin, address sender, Fill[] memory fills) internal {
        vm.prank(address(home.mailbox));
        home.collateral.handle(origin, _word(sender), Encodings.reportBody(fills, address(0)));
    }

    function _handle(Fill memory facts) internal {
        _handle(PAY_DOMAIN, address(pay.repayment), _one(facts));
    }

    function _bodyOf(Fill memory facts) internal pure returns (bytes memory) {
        return Encodings.reportBody(_one(facts), address(0));
    }

    function _expectState(bytes32 id, OrderState state) internal view {
        assertEq(uint8(_stateOf(home, id)), uint8(state));
    }

    // ---- settling ----

    function test_Settle_HandsOutUnlocksAndRecords() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.SurplusCredited(order.positionKey, MARKET, address(home.ether_), 0.12 ether, 0.03 ether);
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.Settled(id, order.positionKey, alice.payout, 2.6 ether, 0.15 ether);
        _handle(_facts(order));
        _expectState(id, OrderState.Settled);
        assertEq(home.ether_.balanceOf(alice.payout), 2.6 ether);
        assertEq(home.bonds.lockedOf(alice.account, address(home.dollar)), 0);
        assertEq(home.vault.receivables(), 0);
        assertEq(home.vault.openPrincipal(MARKET), 0);
        assertEq(home.vault.away(PAY_DOMAIN), 5002e6 + 2.5e6);
        assertEq(home.vault.totalAssets(), 1_000_000e6 + 2.5e6, "the route fee is the depositors' gain");
    }

    function _openedBy(Solver memory solver, bytes32 salt, uint256 ask) private returns (Order memory order) {
        Intent memory intent = _intent(home, _underwater(home, salt));
        (, order) = _open(home, _landingOf(home, intent, solver, ask, PAY_DOMAIN));
    }

    /// Orders of one solver in a row are recorded together, and all sums come out as if they were not.
    function test_Settle_RecordsEverySolversRunOfOrders() public {
        Fill[] memory fills = new Fill[](5);
        fills[0] = _facts(_openedBy(alice, "one", 2.6 ether));
        fills[1] = _facts(_openedBy(alice, "two", 2.5 ether));
        fills[2] = _facts(_openedBy(bob, "three", 2.55 ether));
        fills[3] = _facts(_openedBy(alice, "four", 2.4 ether));
        fills[4] = fills[1];
        _handle(PAY_DOMAIN, address(pay.repayment), fills);
        assertEq(home.bonds.lockedOf(alice.account, address(home.dollar)), 0);
        assertEq(home.bonds.lockedOf(bob.account, address(home.dollar)), 0);
        assertEq(home.vault.receivables(), 0);
        assertEq(home.vault.openPrincipal(MARKET), 0);
        assertEq(home.vault.away(PAY_DOMAIN), 4 * 5004.5e6);
        assertEq(_creditOf(home, protocolTreasury), 0.19 ether, "a fifth of 0.15, 0.25, 0.2 and 0.35");
        assertEq(home.ether_.balanceOf(alice.payout), 7.5 ether);
        assertEq(home.ether_.balanceOf(bob.payout), 2.55 ether);
    }

    function test_Settle_AgainChangesNothing() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        _handle(_facts(order));
        vm.recordLogs();
        Fill[] memory twice = new Fill[](2);
        twice[0] = twice[1] = _facts(order);
        _handle(PAY_DOMAIN, address(pay.repayment), twice);
        assertEq(vm.getRecordedLogs().length, 0);
        _expectState(id, OrderState.Settled);
        assertEq(home.ether_.balanceOf(alice.payout), 2.6 ether);
    }

    function test_Settle_SameFillTwiceInOneMessage() public {
        (, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        Fill[] memory twice = new Fill[](2);
        twice[0] = twice[1] = _facts(order);
        _handle(PAY_DOMAIN, address(pay.repayment), twice);
        assertEq(home.ether_.balanceOf(alice.payout), 2.6 ether);
        assertEq(home.vault.totalAway(), 5004.5e6);
    }

    function test_Settle_ToWhoeverFilledAtTheirAsk() public {
        (, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        Fill memory facts = _facts(order);
        facts.beneficiary = stranger;
        facts.ask = 2.7 ether;
        _handle(facts);
        assertEq(home.ether_.balanceOf(stranger), 2.7 ether);
        assertEq(_creditOf(home, protocolTreasury), 0.01 ether);
    }

    function test_Settle_NeverMoreThanMaxAsk() public {
        (, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        Fill memory facts = _facts(order);
        facts.ask = type(uint128).max;
        _handle(facts);
        assertEq(home.ether_.balanceOf(alice.payout), order.maxAsk);
    }

    function test_Settle_ZeroAskPushesNothing() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 0);
        _handle(_facts(order));
        _expectState(id, OrderState.Settled);
        assertEq(home.ether_.balanceOf(alice.payout), 0);
    }

    function test_Settle_UnderTheRulesItWasOpenedUnder() public {
        (, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        Terms memory rules = _terms(home);
        rules.borrowerBps = 0;
        rules.treasury = stranger;
        home.registry.setTerms(MARKET, rules);
        _handle(_facts(order));
        assertEq(_creditOf(home, protocolTreasury), 0.03 ether);
        assertEq(_creditOf(home, stranger), 0);
    }

    function test_Settle_WhateverIsPausedOrSwitchedOff() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        home.registry.pause(MARKET);
        home.registry.setCollateral(MARKET, address(home.ether_), false);
        Route memory off;
        home.registry.setRoute(MARKET, address(home.dollar), PAY_DOMAIN, off);
        _handle(_facts(order));
        _expectState(id, OrderState.Settled);
    }

    // ---- who is heard ----

    function test_OnlyMailbox() public {
        (, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        bytes32 sender = _word(address(pay.repayment));
        bytes memory body = _bodyOf(_facts(order));
        vm.expectRevert(MessageClient.OnlyMailbox.selector);
        home.collateral.handle(PAY_DOMAIN, sender, body);
        vm.prank(address(pay.mailbox));
        vm.expectRevert(MessageClient.OnlyMailbox.selector);
        home.collateral.handle(PAY_DOMAIN, sender, body);
    }

    function test_NotAnAddress() public {
        (, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        bytes32 sender = bytes32(uint256(uint160(address(pay.repayment))) | 1 << 160);
        bytes memory body = _bodyOf(_facts(order));
        vm.prank(address(home.mailbox));
        vm.expectRevert(abi.encodeWithSelector(MessageClient.NotAnAddress.selector, sender));
        home.collateral.handle(PAY_DOMAIN, sender, body);
    }

    /// @dev What a sender says of an order counts for the order of the same facts that names that very sender.
    function _expectAnothers(uint32 origin, address sender, Order memory order) internal {
        Order memory theirs = abi.decode(abi.encode(order), (Order));
        (theirs.payDomain, theirs.payEscrow) = (origin, sender);
        (theirs.homeDomain, theirs.homeEscrow) = (HOME_DOMAIN, address(home.collateral));
        bytes32 id = Encodings.id(theirs);
        assertTrue(id != Encodings.id(order));
        vm.expectEmit(address(home.collateral));
        if (block.timestamp <= order.openBy) emit ICollateralEscrow.FillSkipped(id);
        else emit ICollateralEscrow.FillRefused(id);
        _handle(origin, sender, _one(_facts(order)));
    }

    function test_Anothers_FromAnotherChainOrSender() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        _expectAnothers(PAY_DOMAIN + 1, address(pay.repayment), order);
        _expectAnothers(PAY_DOMAIN, address(home.repayment), order);
        _expectAnothers(uint32(pay.chainId), address(pay.repayment), order); // a chain id is no domain
        _expectState(id, OrderState.Open);
        vm.warp(order.openBy + 1);
        _expectAnothers(PAY_DOMAIN, stranger, order);
        _expectState(id, OrderState.Open);
        _handle(_facts(order));
        _expectState(id, OrderState.Settled);
    }

    function test_Anothers_OrderOfAnotherHome() public {
        (, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        order.quote = "unknown here";
        vm.warp(order.openBy + 1);
        order.homeDomain = PAY_DOMAIN;
        _expectAnothers(PAY_DOMAIN, address(pay.repayment), order);
        _expectState(Encodings.id(order), OrderState.None);
        order.homeDomain = HOME_DOMAIN;
        order.homeEscrow = address(pay.collateral);
        order.quote = "nor this";
        _expectAnothers(PAY_DOMAIN, address(pay.repayment), order);
        _expectState(Encodings.id(order), OrderState.None);
    }

    function test_MalformedBodyReverts() public {
        vm.startPrank(address(home.mailbox));
        vm.expectRevert();
        home.collateral.handle(PAY_DOMAIN, bytes32(uint256(1)), "garbage");
        vm.stopPrank();
    }

    function testFuzz_AnyBodyTouchesNothingOpen(bytes calldata body) public {
        (bytes32 id,) = _openOne(home, pay, "one", 2.6 ether);
        vm.prank(address(home.mailbox));
        try home.collateral.handle(PAY_DOMAIN, bytes32(uint256(uint160(address(pay.repayment)))), body) {} catch {}
        _expectState(id, OrderState.Open);
    }

    // ---- unknown ids ----

    function test_SkippedBeforeItOpens_ThenOpenedAndSettled() public {
        uint256 snapshot = cheats.snapshotState();
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        cheats.revertToState(snapshot);
        Intent memory intent = _intent(home, _underwater(home, "one"));

        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.FillSkipped(id);
        _handle(_facts(order));
        _expectState(id, OrderState.None);

        vm.warp(order.openBy);
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.FillSkipped(id);
        _handle(_facts(order));

        (bytes32 opened,) = _open(home, _landingOf(home, intent, alice, 2.6 ether, PAY_DOMAIN));
        assertEq(opened, id);
        _handle(_facts(order));
        _expectState(id, OrderState.Settled);
        assertEq(home.ether_.balanceOf(alice.payout), 2.6 ether);
    }

    function test_RefusedAfterOpenBy_ThenNeverOpens() public {
        uint256 snapshot = cheats.snapshotState();
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        cheats.revertToState(snapshot);
        Intent memory intent = _intent(home, _underwater(home, "one"));
        Landing memory landing = _landingOf(home, intent, alice, 2.6 ether, PAY_DOMAIN);

        vm.warp(order.openBy + 1);
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.FillRefused(id);
        _handle(_facts(order));
        _expectState(id, OrderState.Refused);

        vm.expectRevert(
            abi.encodeWithSelector(ICollateralEscrow.OutsideWindow.selector, order.openBy, order.openBy + 1)
        );
        home.collateral.land(landing);

        vm.recordLogs();
        _handle(_facts(order));
        assertEq(vm.getRecordedLogs().length, 0, "refused once");
    }

    function test_Batch_EachItemByItsOwnState() public {
        (bytes32 opened, Order memory first) = _openOne(home, pay, "one", 2.6 ether);
        Fill[] memory fills = new Fill[](4);
        for (uint256 i; i < 4; ++i) {
            fills[i] = _facts(abi.decode(abi.encode(first), (Order)));
        }
        fills[0].order.solver = stranger; // skipped, and between two lanes
        fills[1].order.quote = "unknown"; // skipped
        fills[2].order.openBy = uint64(block.timestamp - 1); // another id, refused
        bytes32 refused = Encodings.id(fills[2].order);
        _handle(PAY_DOMAIN, address(pay.repayment), fills);
        _expectState(Encodings.id(fills[0].order), OrderState.None);
        _expectState(Encodings.id(fills[1].order), OrderState.None);
        _expectState(refused, OrderState.Refused);
        _expectState(opened, OrderState.Settled);
    }

    // ---- pushes that fail ----

    /// @dev Opens an order whose collateral is `token`.
    function _openWith(address token, bytes32 salt) internal returns (bytes32 id, Order memory order) {
        home.registry.setCollateral(MARKET, token, true);
        bytes memory position = abi.encode(salt, makeAddr("borrower"));
        home.adapter
            .setPosition(
                position, MockLendingAdapter.Position(token, address(home.dollar), 5000e6, 2.75 ether, 0.97e18)
            );
        return _open(home, _landingOf(home, _intent(home, position), alice, 2.6 ether, PAY_DOMAIN));
    }

    function test_FailedPushBecomesCredit() public {
        MoodyToken token = new MoodyToken(8);
        token.mint(address(home.adapter), 1000 ether);
        MoodyToken.Mood[6] memory moods = [
            MoodyToken.Mood.Reverting,
            MoodyToken.Mood.ReturningFalse,
            MoodyToken.Mood.ReturningTwo,
            MoodyToken.Mood.ReturningShort,
            MoodyToken.Mood.Bombing,
            MoodyToken.Mood.BurningGas
        ];
        for (uint256 i; i < moods.length; ++i) {
            (bytes32 id, Order memory order) = _openWith(address(token), bytes32(i));
            token.setMood(alice.payout, moods[i]);
            vm.expectEmit(address(home.collateral));
            emit ICollateralEscrow.Credited(address(token), alice.payout, 2.6 ether);
            _handle(_facts(order));
            _expectState(id, OrderState.Settled);
            assertEq(home.collateral.credits(address(token), alice.payout), 2.6 ether * (i + 1));
        }
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.Claimed(address(token), alice.payout, stranger, 15.6 ether);
        vm.prank(alice.payout);
        assertEq(home.collateral.claim(address(token), stranger), 15.6 ether);
        assertEq(token.balanceOf(stranger), 15.6 ether);
        assertEq(home.collateral.credits(address(token), alice.payout), 0);
    }

    function test_FailedPushBlocksNobodyInTheBatch() public {
        MoodyToken token = new MoodyToken(18);
        token.mint(address(home.adapter), 1000 ether);
        (, Order memory first) = _openWith(address(token), "one");
        (, Order memory second) = _openWith(address(token), "two");
        token.setMood(stranger, MoodyToken.Mood.BurningGas);
        Fill[] memory fills = new Fill[](2);
        fills[0] = _facts(first);
        fills[0].beneficiary = stranger;
        fills[1] = _facts(second);
        _handle(PAY_DOMAIN, address(pay.repayment), fills);
        assertEq(token.balanceOf(alice.payout), 2.6 ether);
        assertEq(home.collateral.credits(address(token), stranger), 2.6 ether);
    }

    /// What a report asks the gas paymaster for settles it even when every push burns all it is given, for payees of
    /// their own.
    function test_DeclaredGasCoversPushesThatAllFail() public {
        MoodyToken token = new MoodyToken(18);
        token.mint(address(home.adapter), 1000 ether);
        Fill[] memory fills = new Fill[](8);
        for (uint256 i; i < fills.length; ++i) {
            (, Order memory order) = _openWith(address(token), bytes32(i + 1));
            fills[i] = _facts(order);
            fills[i].beneficiary = address(uint160(0xbeef00 + i));
            token.setMood(fills[i].beneficiary, MoodyToken.Mood.BurningGas);
        }
        uint256 declared = home.collateral.HANDLE_BASE_GAS() + fills.length * home.collateral.HANDLE_ITEM_GAS();
        bytes memory body = Encodings.reportBody(fills, address(0));
        vm.prank(address(home.mailbox));
        home.collateral.handle{gas: declared}(PAY_DOMAIN, bytes32(uint256(uint160(address(pay.repayment)))), body);
        assertEq(home.collateral.credits(address(token), fills[7].beneficiary), 2.6 ether);
    }

    function test_TokenWithoutReturnValueIsPushed() public {
        NoReturnToken token = new NoReturnToken();
        token.mint(address(home.adapter), 1000 ether);
        (, Order memory order) = _openWith(address(token), "one");
        _handle(_facts(order));
        assertEq(token.balanceOf(alice.payout), 2.6 ether);
        assertEq(home.collateral.credits(address(token), alice.payout), 0);
    }

    function test_TooLittleGasRevertsTheMessageWhole() public {
        (bytes32 first, Order memory one) = _openOne(home, pay, "one", 2.6 ether);
        (bytes32 second, Order memory two) = _openOne(home, pay, "two", 2.6 ether);
        Fill[] memory fills = new Fill[](2);
        (fills[0], fills[1]) = (_facts(one), _facts(two));
        bytes memory call = abi.encodeCall(
            home.collateral.handle,
            (PAY_DOMAIN, bytes32(uint256(uint160(address(pay.repayment)))), Encodings.reportBody(fills, address(0)))
        );
        // Enough for the first item, at any cost of it; never so little that one is skipped.
        for (uint256 gas_ = 100_000; gas_ < 700_000; gas_ += 50_000) {
            vm.prank(address(home.mailbox));
            (bool ok,) = address(home.collateral).call{gas: gas_}(call);
            if (ok) {
                _expectState(first, OrderState.Settled);
                _expectState(second, OrderState.Settled);
                assertEq(home.ether_.balanceOf(alice.payout), 5.2 ether, "no push was starved into a credit");
                return;
            }
            _expectState(first, OrderState.Open);
            _expectState(second, OrderState.Open);
        }
        assertTrue(false, "never enough");
    }

    // ---- claims ----

    function test_Claim_TreasuryShareOnce() public {
        (, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        _handle(_facts(order));
        vm.startPrank(protocolTreasury);
        vm.expectRevert(ICollateralEscrow.ZeroAddress.selector);
        home.collateral.claim(address(home.ether_), address(0));
        assertEq(home.collateral.claim(address(home.ether_), protocolTreasury), 0.03 ether);
        vm.expectRevert(
            abi.encodeWithSelector(ICollateralEscrow.NothingToClaim.selector, address(home.ether_), protocolTreasury)
        );
        home.collateral.claim(address(home.ether_), protocolTreasury);
        vm.stopPrank();
    }

    function test_Claim_NobodyElses() public {
        (, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        _handle(_facts(order));
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(ICollateralEscrow.NothingToClaim.selector, address(home.ether_), stranger)
        );
        home.collateral.claim(address(home.ether_), stranger);
    }

    // ---- surplus ----

    function test_ReturnSurplus() public {
        bytes memory position = abi.encode(bytes32("one"), makeAddr("borrower"));
        (, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        _handle(_facts(order));
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.SurplusReturned(order.positionKey, address(home.ether_), 0.12 ether);
        vm.prank(stranger);
        assertEq(home.collateral.returnSurplus(MARKET, position, address(home.ether_)), 0.12 ether);
        assertEq(home.adapter.returned(keccak256(position)), 0.12 ether);
        assertEq(_surplusOf(home, position), 0);
        assertEq(home.ether_.balanceOf(address(home.collateral)), 0.03 ether);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.NothingToReturn.selector, order.positionKey));
        home.collateral.returnSurplus(MARKET, position, address(home.ether_));
    }

    function test_ReturnSurplus_WaitsWhenTheProtocolRefuses() public {
        bytes memory position = abi.encode(bytes32("one"), makeAddr("borrower"));
        (, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        _handle(_facts(order));
        home.adapter.setMode(MockLendingAdapter.Mode.Reverting);
        vm.expectRevert(abi.encodeWithSelector(MockLendingAdapter.ProtocolRefused.selector, 7));
        home.collateral.returnSurplus(MARKET, position, address(home.ether_));
        assertEq(_surplusOf(home, position), 0.12 ether);
        home.adapter.setMode(MockLendingAdapter.Mode.Normal);
        home.collateral.returnSurplus(MARKET, position, address(home.ether_));
        assertEq(_surplusOf(home, position), 0);
    }

    function test_ReturnSurplus_OtherPositionOrMarketGetsNothing() public {
        bytes memory position = abi.encode(bytes32("one"), makeAddr("borrower"));
        (, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        _handle(_facts(order));
        cheats.expectPartialRevert(ICollateralEscrow.NothingToReturn.selector);
        home.collateral.returnSurplus(MARKET, abi.encode(bytes32("two"), makeAddr("borrower")), address(home.ether_));
        cheats.expectPartialRevert(ICollateralEscrow.NothingToReturn.selector);
        home.collateral.returnSurplus("another", position, address(home.ether_));
        cheats.expectPartialRevert(ICollateralEscrow.NothingToReturn.selector);
        home.collateral.returnSurplus(MARKET, position, address(home.dollar));
    }

    // ---- verdicts ----

    function test_Verdicts_NoneForUnknownOrOpen() public {
        (bytes32 id,) = _openOne(home, pay, "one", 2.6 ether);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.NoVerdict.selector, id, OrderState.Open));
        home.collateral.sendVerdicts{value: 1 ether}(PAY_DOMAIN, address(pay.repayment), _one(id));
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.NoVerdict.selector, bytes32("?"), OrderState.None));
        home.collateral.quoteVerdicts(PAY_DOMAIN, address(pay.repayment), _one("?"));
    }

    function test_Verdicts_AcceptedAndRefusedInOneMessage() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        Fill[] memory fills = new Fill[](2);
        fills[0] = _facts(abi.decode(abi.encode(order), (Order)));
        fills[1] = _facts(order);
        fills[1].order.openBy = uint64(block.timestamp - 1);
        _handle(PAY_DOMAIN, address(pay.repayment), fills);
        bytes32[] memory ids = new bytes32[](2);
        (ids[0], ids[1]) = (id, Encodings.id(fills[1].order));
        uint64 accepted = 1;
        vm.expectEmit(false, true, false, true, address(home.collateral));
        emit ICollateralEscrow.VerdictsSent(0, PAY_DOMAIN, ids, accepted);
        vm.recordLogs();
        bytes32 messageId = home.collateral.sendVerdicts{value: MESSAGE_FEE}(PAY_DOMAIN, address(pay.repayment), ids);
        assertEq(messageId, keccak256(_dispatched()[0]));
    }

    function test_Verdicts_FeeExactTooLowAndExcess() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        _handle(_facts(order));
        assertEq(home.collateral.quoteVerdicts(PAY_DOMAIN, address(pay.repayment), _one(id)), MESSAGE_FEE);
        vm.expectRevert(abi.encodeWithSelector(MessageClient.FeeTooLow.selector, MESSAGE_FEE - 1, MESSAGE_FEE));
        home.collateral.sendVerdicts{value: MESSAGE_FEE - 1}(PAY_DOMAIN, address(pay.repayment), _one(id));
        uint256 before = address(this).balance;
        home.collateral.sendVerdicts{value: 1 ether}(PAY_DOMAIN, address(pay.repayment), _one(id));
        assertEq(before - address(this).balance, MESSAGE_FEE, "the excess comes back");
        assertEq(address(home.collateral).balance, 0);
        home.collateral.sendVerdicts{value: MESSAGE_FEE}(PAY_DOMAIN, address(pay.repayment), _one(id));
    }

    // ---- security module ----

    function test_SecurityModule_RestrictedAndAskedByTheMailbox() public {
        MockPassThroughIsm module = new MockPassThroughIsm();
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        home.collateral.setSecurityModule(address(module));
        vm.expectEmit(address(home.collateral));
        emit MessageClient.SecurityModuleSet(address(module));
        home.collateral.setSecurityModule(address(module));
        assertEq(home.collateral.interchainSecurityModule(), address(module));

        (, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        bytes memory message = _report(pay, _one(_fillByWinner(pay, order)));
        module.setRefusing(true);
        vm.expectRevert();
        this.deliver(message);
        module.setRefusing(false);
        _deliver(message);
    }

    function deliver(bytes calldata message) external {
        _deliver(message);
    }

    // ---- conservation ----

    /// At every step: balance >= open lots + surplus + credits; here, to the unit.
    function testFuzz_Conservation(uint256 seed) public {
        uint256 open;
        Order[] memory orders = new Order[](4);
        bytes[] memory positions = new bytes[](4);
        for (uint256 i; i < 4; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            positions[i] = _underwaterWith(home, bytes32(i), 1000e6 + draw % 9000e6, 0.5 ether + draw % 5 ether);
            home.adapter.setTaken(2500 + draw % 7501);
            Intent memory intent = _intent(home, positions[i]);
            uint256 ask = (draw >> 64) % (uint256(intent.seizable) * 99 / 100);
            vm.recordLogs();
            (uint8 landed, bytes32 id) =
                _land(home, _landingOf(home, intent, alice, ask, draw % 3 == 0 ? HOME_DOMAIN : PAY_DOMAIN));
            if (landed == 1 && id != 0) {
                orders[i] = _openedOrder(vm.getRecordedLogs(), id);
                open += _seizedOf(home, id);
            }
            _expectConserved(open, positions);
        }
        for (uint256 i; i < 4; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i, "settle")));
            if (orders[i].repaid != 0 && draw % 4 != 0) {
                Fill memory facts = _facts(orders[i]);
                facts.ask = uint128(facts.ask + draw % (uint256(orders[i].maxAsk) * 2));
                open -= _seizedOf(home, Encodings.id(orders[i]));
                _handle(facts);
                _expectConserved(open, positions);
            }
            if (draw % 2 == 0 && _surplusOf(home, positions[i]) != 0) {
                home.collateral.returnSurplus(MARKET, positions[i], address(home.ether_));
                _expectConserved(open, positions);
            }
        }
        if (_creditOf(home, protocolTreasury) != 0) {
            vm.prank(protocolTreasury);
            home.collateral.claim(address(home.ether_), protocolTreasury);
            _expectConserved(open, positions);
        }
    }

    function _expectConserved(uint256 open, bytes[] memory positions) internal view {
        uint256 owed = open + _creditOf(home, protocolTreasury) + _creditOf(home, alice.payout);
        for (uint256 i; i < positions.length; ++i) {
            owed += _surplusOf(home, positions[i]);
        }
        assertEq(home.ether_.balanceOf(address(home.collateral)), owed);
        assertEq(home.dollar.balanceOf(address(home.collateral)), 0);
        assertEq(home.dollar.balanceOf(address(home.vault)), home.vault.idle());
        assertLe(
            home.bonds.lockedOf(alice.account, address(home.dollar)),
            home.bonds.balanceOf(alice.account, address(home.dollar))
        );
    }

    // ---- reports ----

    function _handleBody(bytes memory body) internal {
        vm.prank(address(home.mailbox));
        home.collateral.handle(PAY_DOMAIN, bytes32(uint256(uint160(address(pay.repayment)))), body);
    }

    function _expectMalformed(bytes memory body) internal {
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.MalformedReport.selector, body.length));
        _handleBody(body);
    }

    function test_Report_Malformed() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        bytes memory body = _bodyOf(_facts(order));
        bytes memory lane = Encodings.lane(order);
        _expectMalformed("");
        _expectMalformed(new bytes(19));
        _expectMalformed(abi.encode(_one(_facts(order)), keeper));
        _expectMalformed(bytes.concat(bytes20(keeper), lane));
        _expectMalformed(bytes.concat(bytes20(keeper), lane, hex"01"));
        _expectMalformed(bytes.concat(bytes20(keeper), lane, hex"00")); // an empty run
        _expectMalformed(bytes.concat(body, hex"00"));
        _expectMalformed(bytes.concat(body, lane, hex"ff"));
        body[20 + 96] = 0x02; // one more than there are
        _expectMalformed(body);
        _expectState(id, OrderState.Open);
        _handleBody(abi.encodePacked(keeper)); // nothing, and no harm
    }

    /// Every bit that a report says of an order is in the order's id.
    function test_Report_BentBitsAreAnotherOrders() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        bytes memory body = _bodyOf(_facts(order));
        for (uint256 at = 20; at < body.length - 44; ++at) {
            if (at == 20 + 96) continue; // how many there are
            bytes memory bent = bytes.concat(body);
            bent[at] ^= bytes1(uint8(1 << at % 8));
            _handleBody(bent);
            _expectState(id, OrderState.Open);
        }
        _handleBody(body);
        _expectState(id, OrderState.Settled);
    }

    function test_Report_CreditsTheReporter() public {
        home.vault.setReimbursement(PAY_DOMAIN, 1e6);
        (, Order memory one) = _openOne(home, pay, "one", 2.6 ether);
        (, Order memory two) = _openOne(home, pay, "two", 2.6 ether);
        Fill[] memory fills = new Fill[](3);
        (fills[0], fills[1], fills[2]) = (_facts(one), _facts(two), _facts(one));
        _handleBody(Encodings.reportBody(fills, keeper));
        assertEq(home.vault.reimbursements(keeper), 2e6, "once for each order that settled");
        _handleBody(Encodings.reportBody(fills, keeper));
        assertEq(home.vault.reimbursements(keeper), 2e6);
    }

    function test_Report_NobodyToCredit() public {
        home.vault.setReimbursement(PAY_DOMAIN, 1e6);
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        _handle(_facts(order));
        _expectState(id, OrderState.Settled);
        assertEq(home.vault.reimbursements(address(0)), 0);
    }
}
