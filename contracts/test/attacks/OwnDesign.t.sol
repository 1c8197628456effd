// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {RepaymentEscrow} from "../../src/RepaymentEscrow.sol";
import {SolverBonds} from "../../src/SolverBonds.sol";
import {ICollateralEscrow} from "../../src/interfaces/ICollateralEscrow.sol";
import {Fill, Intent, Landing, Order, OrderState, PaymentState, QuoteStatus, Route} from "../../src/types/Types.sol";
import {Encodings} from "../base/Encodings.sol";
import {IHyperlaneMailbox} from "../base/HyperlaneFixture.sol";
import {MockLendingAdapter} from "../base/MockLendingAdapter.sol";
import {MoodyToken} from "../base/MockTokens.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title Attacks on Gavel's own design, one named test each.
/// @dev Those shown elsewhere:
///
///     late proof after the sale                      unit/Expiry.t.sol:test_Attack_LateProofAfterTheSale
///     fade replayed across landings                  unit/Fades.t.sol:test_Attack_FadeReplayedAcrossLandings
///     suspending oneself out of a promise            unit/Fades.t.sol:test_Attack_SuspendOneselfOutOfAPromise
///     bid one unit, then fill late                   unit/LateFills.t.sol:test_Attack_BidOneUnitThenFillLate
///     overtaking oneself for the bounty              unit/LateFills.t.sol:test_Attack_OvertakingOneselfForTheBounty
///     remote margin call with a dust ask             attacks/MarginCall.t.sol:test_ARemoteMarginCallWithADustAsk
///     borrower revoking between award and landing    attacks/MarginCall.t.sol:test_BorrowerRevokingBetweenAwardAndLanding
///     deposit before a forfeit and redeem after      integration/VaultLife.t.sol:test_Attack_DepositBeforeAForfeitAndRedeemAfter
///     redeem ahead of a known loss                   integration/VaultLife.t.sol:test_Attack_RedeemAheadOfAKnownLoss
///     flag cleared inside a flash loan               attacks/FlashLoans.t.sol:test_AFlagClearedInsideAFlashLoan
///     award shrunk inside a flash loan               attacks/FlashLoans.t.sol:test_AnAwardShrunkInsideAFlashLoan
///     redeem ahead of a write-off                    unit/VaultLots.t.sol:test_Attack_RedeemAheadOfAWriteOff
///     bad debt hidden by dust                        attacks/BadDebt.t.sol:test_DustLiquidatedWhileSurplusIsOnItsWay
///     one unit brought home to stop a write-off      unit/VaultLots.t.sol:test_Attack_OneUnitBroughtHomeStopsNoWriteOff
///     stale flag taken days later                    unit/Fallback.t.sol:test_Attack_StaleFlagTakenDaysLater
contract OwnDesignTest is AttackTest {
    // ---- ids, reports and stamps ----

    /// A fill is reported before its order opens, in the hope that home answers "unknown" and settles all the same: the
    /// payment would come back and the collateral be handed out.
    function test_AFillReportedBeforeItsOrderOpensThenOpened() public {
        (bytes32 id, Order memory order) = _undone("one");
        uint256 before = pay.dollar.balanceOf(alice.account);
        Fill memory facts = _fillByWinner(pay, order);
        vm.warp(order.openBy); // the last second in which it may still open
        _reportAndDeliver(pay, facts);
        _expectOrder(id, OrderState.None);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.NoVerdict.selector, id, OrderState.None));
        home.collateral.sendVerdicts(PAY_DOMAIN, address(pay.repayment), _one(id));
        vm.warp(START + BOND_DELAY);
        (bytes32 opened,) = _openOne(home, pay, "one", 2.6 ether);
        assertEq(opened, id);
        vm.warp(order.openBy + 1);
        _reportAndDeliver(pay, facts);
        _expectHonestEnd(id, facts); // reports once more
        vm.expectRevert(_wrongState(id, PaymentState.Released));
        pay.repayment.refund(facts);
        assertEq(before - pay.dollar.balanceOf(alice.account), order.payAmount, "paid for once, handed out once");
    }

    /// A thief who foresees an id fills it first, to hold the winner's place or to be paid in its stead.
    function test_AnIdFilledBeforeItOpens() public {
        (bytes32 id, Order memory order) = _undone("one");
        bytes memory data = Encodings.bill(order);
        vm.prank(thief);
        vm.expectRevert(abi.encodeWithSelector(RepaymentEscrow.ExclusiveUntil.selector, order.exclusiveUntil));
        pay.repayment.fill(id, data, abi.encode(thief, uint128(0)));
        Fill memory facts = _fill(pay, order, thief, alice.payout); // all that is left to do: pay for the winner
        uint256 snapshot = cheats.snapshotState();
        _openOne(home, pay, "one", 2.6 ether);
        _expectHonestEnd(id, facts);
        assertEq(_ether(thief), 0);
        assertEq(_lockedOf(alice), 0, "and the winner's bond is free");

        // should another quote land in that round, the id is refused for good, and its payer gets everything back
        cheats.revertToState(snapshot);
        Intent memory intent = _intent(home, _underwater(home, "one"));
        Landing memory landing = _landingOf(home, intent, alice, 2.6 ether, PAY_DOMAIN);
        (bytes32 bobs, Order memory bobsOrder) = _open(home, _landingOf(home, intent, bob, 2.65 ether, PAY_DOMAIN));
        vm.warp(order.openBy + 1);
        _reportAndDeliver(pay, facts);
        _expectOrder(id, OrderState.Refused);
        vm.expectRevert();
        home.collateral.land(landing);
        _answer(home, pay, id);
        pay.repayment.refund(facts);
        assertEq(pay.dollar.balanceOf(thief), 1_000_000e18);
        assertEq(_ether(alice.payout), 0);
        _reportAndDeliver(pay, _fill(pay, bobsOrder, bob.account, bob.payout));
        _expectOrder(bobs, OrderState.Settled);
        assertEq(_ether(bob.payout), 2.65 ether);
    }

    /// A fill for oneself gets a stamp of the exclusive phase: it would take the winner's collateral, or spare the
    /// winner its penalty.
    function test_AFillForOneselfStampedInTheExclusivePhase() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        bytes memory data = Encodings.bill(order);
        uint64[3] memory times = [uint64(block.timestamp), order.openBy, order.exclusiveUntil];
        for (uint256 i; i < 3; ++i) {
            vm.warp(times[i]);
            vm.prank(thief);
            vm.expectRevert(abi.encodeWithSelector(RepaymentEscrow.ExclusiveUntil.selector, order.exclusiveUntil));
            pay.repayment.fill(id, data, abi.encode(thief, uint128(0)));
            vm.prank(thief);
            vm.expectRevert(abi.encodeWithSelector(RepaymentEscrow.ExclusiveUntil.selector, order.exclusiveUntil));
            pay.repayment.fill(id, data, "");
        }
        uint256 snapshot = cheats.snapshotState();

        // paid for the winner, it cannot be reported for the thief
        Fill memory lie = _fill(pay, order, thief, alice.payout);
        lie.beneficiary = thief;
        vm.expectRevert(abi.encodeWithSelector(RepaymentEscrow.UnknownFill.selector, id));
        pay.repayment.report(HOME_DOMAIN, address(home.collateral), Encodings.payments(_one(lie)));
        cheats.revertToState(snapshot);

        // filled in the second phase, it cannot be reported as of the first, by which the bond would be free
        vm.warp(order.exclusiveUntil + 1);
        Fill memory facts = _fill(pay, order, thief, thief);
        lie = abi.decode(abi.encode(facts), (Fill));
        lie.filledAt = order.exclusiveUntil;
        vm.expectRevert(abi.encodeWithSelector(RepaymentEscrow.UnknownFill.selector, id));
        pay.repayment.report(HOME_DOMAIN, address(home.collateral), Encodings.payments(_one(lie)));
        _reportAndDeliver(pay, facts);
        assertEq(_ether(thief), facts.ask);
        assertGe(_lockedOf(alice), BOUNTY, "the penalty is held");
        home.collateral.forfeit(order);
        assertEq(home.dollar.balanceOf(thief), BOUNTY);
        assertLe(_bondOf(alice), WHOLE_BOND - BOUNTY);
    }

    /// Two positions equal in every amount, or of equal bytes in two markets, share an order, a round or a surplus.
    function test_TwoEqualPositionsColliding() public {
        bytes32 beta = "mock-beta";
        home.registry.setTerms(beta, _terms(home));
        home.registry.setDebtTerms(beta, address(home.dollar), _debtTerms(home));
        home.registry.setCollateral(beta, address(home.ether_), true);
        home.registry.setRoute(beta, address(home.dollar), PAY_DOMAIN, _route(pay));
        home.registry.setAuctioneers(beta, auctioneerSet, 2);
        bytes memory position = _underwater(home, "one");
        Intent[3] memory intents;
        intents[0] = _intent(home, position);
        intents[1] = _intent(home, _underwater(home, "two"));
        intents[2] = _intent(home, position);
        intents[2].market = beta;
        bytes32[3] memory ids;
        Order[3] memory orders;
        for (uint256 i; i < 3; ++i) {
            if (i == 2) _underwater(home, "one"); // the same debt again, through the other market
            (ids[i], orders[i]) = _open(home, _landingOf(home, intents[i], alice, 2.6 ether, PAY_DOMAIN));
            assertEq(_seizedOf(home, ids[i]), 2.75 ether);
        }
        assertTrue(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
        assertEq(_lockedOf(alice), 3 * BOND, "a bond each");
        // one payment settles one of them
        Fill memory facts = _fillByWinner(pay, orders[0]);
        for (uint256 i = 1; i < 3; ++i) {
            Fill memory lie = Fill(orders[i], facts.payer, facts.beneficiary, facts.ask, facts.filledAt);
            vm.expectRevert(abi.encodeWithSelector(RepaymentEscrow.UnknownFill.selector, ids[i]));
            pay.repayment.report(HOME_DOMAIN, address(home.collateral), Encodings.payments(_one(lie)));
        }
        _expectHonestEnd(ids[0], facts);
        _expectOrder(ids[1], OrderState.Open);
        _expectOrder(ids[2], OrderState.Open);
        assertEq(_ether(address(home.collateral)), 2 * 2.75 ether + 0.15 ether, "the other lots are whole");
        // and its surplus is the surplus of that very position
        assertEq(_surplusOf(home, position), 0.12 ether);
        assertEq(home.collateral.surplusOf(orders[1].positionKey, address(home.ether_)), 0);
        assertEq(home.collateral.surplusOf(orders[2].positionKey, address(home.ether_)), 0);
        vm.expectRevert(
            abi.encodeWithSelector(ICollateralEscrow.NothingToReturn.selector, keccak256(abi.encode(beta, position)))
        );
        home.collateral.returnSurplus(beta, position, address(home.ether_));
    }

    /// The validators of the weakest chain are the thief's: it reports what it likes, for every other chain's
    /// orders too.
    function test_AReportFromTheWeakestChain() public {
        _third();
        Route memory weak = _route(pay);
        weak.payEscrow = address(third.repayment);
        home.registry.setRoute(MARKET, address(home.dollar), THIRD_DOMAIN, weak);
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        (bytes32 weakId, Order memory weakOrder) = _openOne(home, third, "two", 2.6 ether);
        Fill[] memory lies = new Fill[](3);
        lies[0] = Fill(order, thief, thief, order.maxAsk, uint64(block.timestamp));
        lies[1] = Fill(_copy(order), thief, thief, order.maxAsk, uint64(block.timestamp));
        lies[1].order.payDomain = THIRD_DOMAIN; // now it may speak of it, but it is another order
        lies[1].order.payEscrow = address(third.repayment);
        lies[2] = Fill(weakOrder, thief, thief, weakOrder.maxAsk, uint64(block.timestamp));
        bytes memory body = Encodings.reportBody(lies, thief);
        _deliver(_dispatchAs(third, address(third.repayment), home, address(home.collateral), body));
        // the same, in the name of the good chain's escrow
        _deliver(_dispatchAs(third, address(pay.repayment), home, address(home.collateral), body));
        _expectOrder(id, OrderState.Open);
        _expectOrder(_idOf(lies[1].order), OrderState.None);
        _expectOrder(weakId, OrderState.Settled); // all it can do: lie about its own
        assertEq(_ether(thief), weakOrder.maxAsk, "one order's lot, within its own route");
        assertEq(_lockedOf(alice), BOND);
        // it cannot make the good chain's order refused either, nor once it has expired
        vm.warp(order.expiresAt + 1);
        home.collateral.expire(order);
        _deliver(_dispatchAs(third, address(third.repayment), home, address(home.collateral), body));
        _expectOrder(id, OrderState.Expired);
        assertEq(_seizedOf(home, id), 2.75 ether);
        assertEq(home.vault.lots(), 5002e6);
        assertEq(_ether(thief), weakOrder.maxAsk);
    }

    // ---- gas ----

    /// A relayer gives a message just too little gas, so that an item fails, or its push does, and the rest goes on; a
    /// lander does the same to a winner's quote.
    function test_StarvedGasToFailAnItem() public {
        MoodyToken token = new MoodyToken(18);
        token.mint(address(home.adapter), 1000 ether);
        home.registry.setCollateral(MARKET, address(token), true);
        Fill[] memory fills = new Fill[](3);
        for (uint256 i; i < 3; ++i) {
            bytes memory position = abi.encode(bytes32(i + 1), makeAddr("borrower"));
            home.adapter
                .setPosition(
                    position,
                    MockLendingAdapter.Position(address(token), address(home.dollar), 5000e6, 2.75 ether, 0.97e18)
                );
            (, Order memory order) =
                _open(home, _landingOf(home, _intent(home, position), alice, 2.6 ether, PAY_DOMAIN));
            fills[i] = _fillByWinner(pay, order);
        }
        bytes memory call = abi.encodeCall(IHyperlaneMailbox.process, ("", _report(pay, fills)));
        uint256 failures;
        for (uint256 gas_ = 80_000; gas_ < 1_200_000; gas_ += 5000) {
            uint256 snapshot = cheats.snapshotState();
            (bool ok,) = address(home.mailbox).call{gas: gas_}(call);
            if (!ok) ++failures;
            for (uint256 i; i < 3; ++i) {
                _expectOrder(_idOf(fills[i].order), ok ? OrderState.Settled : OrderState.Open); // all or none
            }
            assertEq(token.balanceOf(alice.payout), ok ? 7.8 ether : 0);
            assertEq(home.collateral.credits(address(token), alice.payout), 0, "no push fails for want of gas");
            cheats.revertToState(snapshot);
        }
        assertGt(failures, 20);
        (bool whole,) = address(home.mailbox).call(call);
        assertTrue(whole, "it is delivered again");
        assertEq(token.balanceOf(alice.payout), 7.8 ether);

        Landing memory landing = _landingOfThree(
            home,
            _intent(home, _underwater(home, "local")),
            [uint256(2.5 ether), 2.6 ether, 2.7 ether],
            [HOME_DOMAIN, PAY_DOMAIN, HOME_DOMAIN]
        );
        call = abi.encodeCall(home.collateral.land, (landing));
        failures = 0;
        for (uint256 gas_ = 100_000; gas_ < 3_000_000; gas_ += 50_000) {
            uint256 snapshot = cheats.snapshotState();
            (bool ok,) = address(home.collateral).call{gas: gas_}(call);
            if (!ok) ++failures;
            assertEq(_ether(alice.payout), ok ? 2.5 ether : 0, "the first quote or none");
            assertEq(home.bonds.suspendedUntil(alice.account), 0);
            cheats.revertToState(snapshot);
        }
        assertGt(failures, 10);
    }

    // ---- dishonest auctioneers, stolen keys ----

    /// All the auctioneers together certify a quote that its account never gave.
    function test_AVictimsQuoteForgedByTheAuctioneers() public {
        uint256 dollars = home.dollar.balanceOf(alice.account);
        (address forger, uint256 forgersKey) = makeAddrAndKey("forger");
        Solver memory mallory = _solver("mallory"); // a bonded account with a registered key of its own
        vm.warp(block.timestamp + BOND_DELAY);
        Intent memory intent = _intent(home, _underwater(home, "one"));
        for (uint256 i; i < 2; ++i) {
            uint32 payDomain = i == 0 ? HOME_DOMAIN : PAY_DOMAIN;
            // signed by no registered key, and by another account's
            Landing memory landing = _landingOf(home, intent, alice, 1, payDomain);
            landing.quotes[0] = _signed(home, landing.quotes[0].quote, forgersKey);
            _certify(home, landing, 2);
            vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.ForgedQuote.selector, 0, forger));
            home.collateral.land(landing);
            landing.quotes[0] = _signed(home, landing.quotes[0].quote, mallory.key);
            _certify(home, landing, 2);
            vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.ForgedQuote.selector, 0, mallory.signer));
            home.collateral.land(landing);

            // alice's own signature, over a dearer ask than they certify
            landing = _landingOf(home, intent, alice, 2.6 ether, payDomain);
            landing.quotes[0].quote.ask = 1;
            _certify(home, landing, 2);
            cheats.expectPartialRevert(ICollateralEscrow.ForgedQuote.selector);
            home.collateral.land(landing);

            // and her quote for another position
            Intent memory other = _intent(home, _underwater(home, "two"));
            landing = _landingOf(home, intent, alice, 2.6 ether, payDomain);
            landing.quotes[0] = _signed(home, _quote(home, other, alice, 2.6 ether, payDomain), alice.key);
            _certify(home, landing, 2);
            vm.expectRevert(
                abi.encodeWithSelector(ICollateralEscrow.WrongIntentCited.selector, 0, _digest(home, other))
            );
            home.collateral.land(landing);
        }
        assertEq(home.dollar.balanceOf(alice.account), dollars);
        assertEq(_bondOf(alice), WHOLE_BOND);
        assertEq(_lockedOf(alice), 0);
        assertEq(home.bonds.suspendedUntil(alice.account), 0, "nor is she punished for it");
        assertEq(home.collateral.rounds(_positionKey(intent.position)), 0);
    }

    /// A thief holds a signing key of the account: it can neither name where collateral goes, nor move the bond, nor
    /// sign on once the key is removed.
    function test_AStolenHotKey() public {
        bytes memory position = _underwater(home, "one");
        uint256 dollars = home.dollar.balanceOf(alice.account);
        Solver memory stolen = alice;
        stolen.payout = thief;
        uint32[2] memory domains = [HOME_DOMAIN, PAY_DOMAIN];
        for (uint256 i; i < 2; ++i) {
            Landing memory landing = _landingOf(home, _intent(home, position), stolen, 2.75 ether, domains[i]);
            _expectQuoteRefused(landing, QuoteStatus.PayoutNotRegistered);
        }
        // the key registers for itself, not for the account, and owns nothing of it
        vm.startPrank(stolen.signer);
        home.bonds.addPayout(thief);
        home.bonds.addKey(thief);
        vm.expectRevert(SolverBonds.ZeroAmount.selector);
        home.bonds.withdraw(address(home.dollar), thief);
        home.bonds.requestWithdrawal(address(home.dollar), uint128(WHOLE_BOND));
        vm.warp(block.timestamp + BOND_DELAY);
        vm.expectRevert(abi.encodeWithSelector(SolverBonds.InsufficientFree.selector, 0, WHOLE_BOND));
        home.bonds.withdraw(address(home.dollar), thief);
        vm.stopPrank();
        _expectQuoteRefused(
            _landingOf(home, _intent(home, position), stolen, 2.75 ether, HOME_DOMAIN), QuoteStatus.PayoutNotRegistered
        );

        // removed, it signs no more, not even what it signed for an auction that is not over
        stolen.payout = alice.payout;
        Landing memory before = _landingOf(home, _intent(home, position), stolen, 1, HOME_DOMAIN);
        vm.prank(stolen.account);
        home.bonds.removeKey(stolen.signer);
        _expectQuoteRefused(before, QuoteStatus.EpochEnded);
        vm.warp(block.timestamp + 1);
        Landing memory byThief = _landingOf(home, _intent(home, position), stolen, 1, HOME_DOMAIN);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.ForgedQuote.selector, 0, stolen.signer));
        home.collateral.land(byThief);
        vm.prank(stolen.account);
        vm.expectRevert(abi.encodeWithSelector(SolverBonds.AlreadyRegistered.selector, stolen.signer));
        home.bonds.addKey(stolen.signer); // nor ever again
        assertEq(_ether(thief), 0);
        assertEq(home.dollar.balanceOf(stolen.account), dollars);
        assertEq(home.bonds.balanceOf(stolen.account, address(home.dollar)), WHOLE_BOND);
        assertEq(home.bonds.suspendedUntil(stolen.account), 0);
    }

    function _expectQuoteRefused(Landing memory landing, QuoteStatus standing) private {
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.PassedOver(
            _digest(home, landing.intent),
            _digest(home, landing.quotes[0].quote),
            abi.encodeWithSelector(ICollateralEscrow.QuoteRefused.selector, standing)
        );
        (uint8 landed,) = _land(home, landing);
        assertEq(landed, 0);
    }

    // ---- awards out of their time ----

    /// An award is kept until the position is healthy again, and landed then.
    function test_AnAwardLandedAfterThePositionHealed() public {
        bytes memory position = _underwater(home, "one");
        Intent memory intent = _intent(home, position);
        uint256 dollars = home.dollar.balanceOf(alice.account);
        uint256 held = _ether(address(home.adapter));
        uint32[2] memory domains = [HOME_DOMAIN, PAY_DOMAIN];
        for (uint256 i; i < 2; ++i) {
            Landing memory landing = _landingOf(home, intent, alice, 2.6 ether, domains[i]);
            home.adapter
                .setPosition(
                    position, MockLendingAdapter.Position(address(home.ether_), address(home.dollar), 0, 0, 1.01e18)
                );
            vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.Healthy.selector, 1.01e18));
            home.collateral.land(landing);
            assertEq(home.dollar.balanceOf(keeper), 0, "no fee for trying");
            assertEq(_ether(address(home.adapter)), held, "not a unit was seized");
            assertEq(home.dollar.balanceOf(alice.account), dollars);
            assertEq(_lockedOf(alice), 0);
            assertEq(home.vault.openPrincipal(MARKET), 0);
            // healed in part, only what is still allowed is liquidated
            uint256 snapshot = cheats.snapshotState();
            _underwaterWith(home, "one", 3000e6, 1.65 ether);
            (uint8 landed,) = _land(home, landing);
            assertEq(landed, 1);
            assertEq(held - _ether(address(home.adapter)), 1.65 ether);
            cheats.revertToState(snapshot);
        }
    }

    /// A winner that regrets its price lands the award itself, its own quote signed by another key of its own which
    /// does not count, to be passed over without penalty. The award names no key, so the signature is the lander's
    /// choice.
    function test_AWinnerLandsItsQuoteByAKeyThatDoesNotCount() public {
        (address dead, uint256 deadKey) = makeAddrAndKey("a key removed long ago");
        (address young, uint256 youngKey) = makeAddrAndKey("a key that counts tomorrow");
        (address spent, uint256 spentKey) = makeAddrAndKey("a spare key removed during the auction");
        vm.startPrank(alice.account);
        home.bonds.addKey(dead);
        home.bonds.addKey(spent);
        vm.warp(block.timestamp + BOND_DELAY);
        home.bonds.removeKey(dead);
        vm.warp(block.timestamp + 30 days);
        home.bonds.addKey(young);
        vm.stopPrank();
        vm.roll(block.number + 100);
        Intent memory intent = _intent(home, _underwater(home, "one"));
        uint32[3] memory domains = [HOME_DOMAIN, PAY_DOMAIN, HOME_DOMAIN];
        Landing memory certified = _landingOfThree(home, intent, [uint256(2.5 ether), 2.7 ether, 2.74 ether], domains);
        uint256 snapshot = cheats.snapshotState();
        vm.prank(alice.account);
        home.bonds.removeKey(spent); // cancels, as she may before quoteBy: her choice is made now, not later
        vm.warp(block.timestamp + 3);
        (uint8 landed,) = _land(home, certified);
        assertEq(landed, 2);
        cheats.revertToState(snapshot);
        vm.warp(block.timestamp + 2);
        vm.prank(alice.account);
        home.bonds.removeKey(spent); // after quoteBy
        vm.warp(block.timestamp + 1); // the price has moved since
        uint256[2] memory others = [deadKey, youngKey];
        address[2] memory signers = [dead, young];
        for (uint256 i; i < 2; ++i) {
            Landing memory spoiled = abi.decode(abi.encode(certified), (Landing));
            spoiled.quotes[0] = _signed(home, certified.quotes[0].quote, others[i]);
            vm.prank(alice.account);
            vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.ForgedQuote.selector, 0, signers[i]));
            home.collateral.land(spoiled);
        }
        // the spare key's signature binds as much as the one that was certified
        certified.quotes[0] = _signed(home, certified.quotes[0].quote, spentKey);
        (landed,) = _land(home, certified);
        assertEq(landed, 1, "the promise is kept");
    }

    /// A solver that reports its own payments puts orders of almost no fee beside one of a large fee, to be reimbursed
    /// for each out of the large one's.
    function test_ManySmallOrdersReimbursedFromALargeOnesFee() public {
        home.vault.setReimbursement(PAY_DOMAIN, 2e6);
        Fill[] memory fills = new Fill[](6);
        uint256 most;
        for (uint256 i; i < 6; ++i) {
            (uint256 repay, uint256 seizable) = i == 0 ? (uint256(50_000e6), 27.5 ether) : (uint256(20e6), 0.011 ether);
            Intent memory intent = _intent(home, _underwaterWith(home, bytes32(i), repay, seizable));
            (, Order memory order) = _open(home, _landingOf(home, intent, alice, seizable * 95 / 100, PAY_DOMAIN));
            fills[i] = _fillByWinner(pay, order);
            most += order.routeFee < 2e6 ? order.routeFee : 2e6;
        }
        _deliver(_report(pay, fills));
        assertEq(home.vault.reimbursements(keeper), most, "each by its own fee");
        assertEq(home.vault.totalAssets(), 1_000_000e6 + _feesOf(fills) - most, "the rest is the depositors'");
    }

    function _feesOf(Fill[] memory fills) private pure returns (uint256 fees) {
        for (uint256 i; i < fills.length; ++i) {
            fees += fills[i].order.routeFee;
        }
    }

    /// A landing that landed is landed again when the position is unhealthy once more, as it is or bent to the next
    /// round.
    function test_ALandingReplayedInAnotherRound() public {
        uint32[2] memory domains = [HOME_DOMAIN, PAY_DOMAIN];
        for (uint256 i; i < 2; ++i) {
            uint256 snapshot = cheats.snapshotState();
            bytes memory position = _underwater(home, "one");
            Landing memory landing = _landingOf(home, _intent(home, position), alice, 2.6 ether, domains[i]);
            _land(home, landing);
            uint256 dollars = home.dollar.balanceOf(alice.account);
            uint256 locked = _lockedOf(alice);
            uint256 handed = _ether(alice.payout);
            uint256 lots = _ether(address(home.collateral));

            _underwater(home, "one");
            vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.WrongRound.selector, 0, 1));
            home.collateral.land(landing);
            bytes32 cited = landing.quotes[0].quote.intent;
            landing.intent.round = 1;
            vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.WrongIntentCited.selector, 0, cited));
            home.collateral.land(landing);
            landing.quotes[0].quote.intent = _digest(home, landing.intent);
            vm.expectRevert(); // the certificate recovers to strangers
            home.collateral.land(landing);
            _certify(home, landing, 2); // and if the auctioneers help
            cheats.expectPartialRevert(ICollateralEscrow.ForgedQuote.selector);
            home.collateral.land(landing);

            // nor on another chain's escrow
            landing.intent.round = 0;
            landing.quotes[0].quote.intent = cited;
            vm.expectRevert(
                abi.encodeWithSelector(ICollateralEscrow.WrongHome.selector, HOME_DOMAIN, address(home.collateral))
            );
            pay.collateral.land(landing);

            assertEq(home.dollar.balanceOf(alice.account), dollars, "paid once");
            assertEq(_lockedOf(alice), locked);
            assertEq(_ether(alice.payout), handed);
            assertEq(_ether(address(home.collateral)), lots);
            assertEq(home.collateral.rounds(_positionKey(position)), 1);
            cheats.revertToState(snapshot);
        }
    }

    // ---- bonds ----

    /// A withdrawal asked for long ago is paid just before, or just after, the quote lands.
    function test_AWithdrawalRacingALock() public {
        vm.startPrank(alice.account);
        home.bonds.requestWithdrawal(address(home.dollar), uint128(WHOLE_BOND));
        vm.warp(block.timestamp + BOND_DELAY);
        vm.stopPrank();
        Intent memory intent = _intent(home, _underwater(home, "one"));
        Landing memory landing = _landingOf(home, intent, alice, 2.6 ether, PAY_DOMAIN);
        uint256 snapshot = cheats.snapshotState();

        // after: it pays what is free, and the default still finds its bond
        (, Order memory order) = _open(home, landing);
        vm.prank(alice.account);
        assertEq(home.bonds.withdraw(address(home.dollar), alice.account), WHOLE_BOND - BOND);
        vm.warp(order.expiresAt + 1);
        home.collateral.expire(order);
        vm.prank(buyer);
        home.collateral.buy(order, 0, type(uint256).max, buyer);
        vm.prank(alice.account);
        vm.expectRevert(SolverBonds.ZeroAmount.selector);
        home.bonds.withdraw(address(home.dollar), alice.account);
        vm.warp(block.timestamp + 7 days);
        (uint256 amount,) = home.collateral.forfeit(order);
        assertEq(amount, BOND);
        assertEq(home.vault.reserve(), BOND - BOUNTY);
        assertEq(_bondOf(alice), 0);

        // before, of all but a little: the quote is not kept, which takes what is left of it, and the next one lands
        cheats.revertToState(snapshot);
        vm.startPrank(alice.account);
        home.bonds.requestWithdrawal(address(home.dollar), uint128(WHOLE_BOND - BOND + 1));
        vm.warp(block.timestamp + BOND_DELAY);
        home.bonds.withdraw(address(home.dollar), alice.account);
        vm.stopPrank();
        intent = _intent(home, _underwater(home, "one"));
        landing = _landingOfThree(
            home, intent, [uint256(2.6 ether), 2.65 ether, 2.7 ether], [PAY_DOMAIN, PAY_DOMAIN, PAY_DOMAIN]
        );
        (uint8 landed,) = _land(home, landing);
        assertEq(landed, 2);
        assertEq(_bondOf(alice), BOND - 1 - 50e6, "faded: 1 % of the repay");
        assertEq(_lockedOf(alice), 0);
        assertEq(_lockedOf(bob), BOND);
        assertEq(home.bonds.suspendedUntil(alice.account), block.timestamp + 1 hours);
    }

    /// The winner removes its key and its payout and raises its epoch between the award and the landing.
    function test_AKeyChangeRacingALock() public {
        vm.warp(block.timestamp + 10);
        Intent memory intent = _intent(home, _underwater(home, "one"));
        Landing memory landing = _landingOf(home, intent, alice, 2.6 ether, PAY_DOMAIN);
        vm.warp(block.timestamp + 2); // quoteBy has passed
        vm.startPrank(alice.account);
        home.bonds.removeKey(alice.signer);
        home.bonds.removePayout(alice.payout);
        home.bonds.raiseEpoch();
        vm.stopPrank();
        (bytes32 id, Order memory order) = _open(home, landing);
        assertTrue(id != 0, "the promise stands");
        assertEq(_lockedOf(alice), BOND);
        _expectHonestEnd(id, _fillByWinner(pay, order)); // to the payout it named
        // a key or payout of today counts for no promise of yesterday's
        (address late, uint256 lateKey) = makeAddrAndKey("late key");
        vm.prank(bob.account);
        home.bonds.addKey(late);
        intent = _intent(home, _underwater(home, "two"));
        landing = _landingOf(home, intent, bob, 2.6 ether, PAY_DOMAIN);
        landing.quotes[0] = _signed(home, landing.quotes[0].quote, lateKey);
        _certify(home, landing, 2);
        vm.warp(block.timestamp + 12);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.ForgedQuote.selector, 0, late));
        home.collateral.land(landing);
        assertEq(_lockedOf(bob), 0);
        // and no bond covers what is observed after they went
        intent = _intent(home, _underwater(home, "two"));
        landing = _landingOf(home, intent, alice, 2.6 ether, PAY_DOMAIN);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.ForgedQuote.selector, 0, alice.signer));
        home.collateral.land(landing);
        assertEq(_lockedOf(alice), 0);
        assertEq(_bondOf(alice), WHOLE_BOND);
    }

    /// The borrower is the solver, does not pay, and buys its own lot through a third identity: it would get back its
    /// collateral, its surplus and its own bounty.
    function test_DefaultByBorrowerAsSolver() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        uint256 snapshot = cheats.snapshotState();
        _expectHonestEnd(id, _fillByWinner(pay, order));
        uint256 honest = _wealth(order);
        cheats.revertToState(snapshot);

        // The whole debt is paid in any case, and the bond lost: paying was better, at every moment of the rise.
        uint256[3] memory waits = [uint256(0), 300, 600];
        for (uint256 i; i < 3; ++i) {
            snapshot = cheats.snapshotState();
            _buyOnesOwn(order, waits[i]);
            assertEq(home.vault.totalAssets(), 1_000_000e6, "the vault is whole");
            assertEq(home.vault.reserve(), BOND - BOUNTY);
            assertEq(_bondOf(alice), WHOLE_BOND - BOND);
            assertLt(_wealth(order), honest, "paying was better");
            cheats.revertToState(snapshot);
        }

        // If no other account wants it, the shortfall takes the bond before any account is given a bounty or a surplus.
        _buyOnesOwn(order, 1200);
        assertEq(home.dollar.balanceOf(buyer), 100_000e6 - 3501.4e6, "no bounty");
        assertEq(home.collateral.surplusOf(order.positionKey, address(home.ether_)), 0, "no surplus");
        assertEq(_bondOf(alice), WHOLE_BOND - BOND);
        assertEq(home.vault.recordedLosses(), 5002e6 - 3501.4e6 - BOND, "no more than the floor allows");
    }

    function _buyOnesOwn(Order memory order, uint256 wait) private {
        vm.warp(order.expiresAt + 1);
        home.collateral.expire(order);
        vm.warp(block.timestamp + wait);
        vm.prank(buyer);
        home.collateral.buy(order, 0, type(uint256).max, buyer);
        vm.warp(block.timestamp + 7 days);
        home.collateral.forfeit(order);
    }

    /// @dev In debt units, what borrower, solver and buyer have together, at 2,000 dollars for an ether.
    function _wealth(Order memory order) private view returns (uint256) {
        uint256 dollars = home.dollar.balanceOf(buyer) + home.dollar.balanceOf(alice.account) + _bondOf(alice)
            + pay.dollar.balanceOf(alice.account) / 1e12;
        uint256 ethers =
            _ether(buyer) + _ether(alice.payout) + home.collateral.surplusOf(order.positionKey, address(home.ether_));
        return dollars + ethers * 2000e6 / 1 ether;
    }

    // ---- the vault ----

    /// A lot on sale is marked down: a depositor now would share in its recovery.
    function test_DepositIntoAMarkedDownVault() public {
        (, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        Fill memory facts = _fillByWinner(pay, order);
        home.dollar.mint(thief, 1_000_000e6);
        vm.prank(thief);
        home.dollar.approve(address(home.vault), type(uint256).max);
        uint256 snapshot = cheats.snapshotState();
        uint256 usual = _deposit();
        cheats.revertToState(snapshot);

        vm.warp(order.expiresAt + 1);
        home.collateral.expire(order);
        uint256 shares = home.vault.balanceOf(lender);
        assertLt(home.vault.redemptionValue(shares), 1_000_000e6, "marked down");
        assertEq(_deposit(), usual, "no cheaper for it");
        assertLt(home.vault.redemptionValue(usual), 1_000_000e6, "and worth less at once");
        _reportAndDeliver(pay, facts); // the lot recovers
        assertGe(home.vault.redemptionValue(shares), 1_000_000e6, "nothing of it is the thief's");
        assertLe(
            home.vault.redemptionValue(usual), 1_000_000e6 + order.routeFee / 2, "but half of the fee earned since"
        );
    }

    function _deposit() private returns (uint256) {
        vm.prank(thief);
        return home.vault.deposit(1_000_000e6, thief);
    }
}
