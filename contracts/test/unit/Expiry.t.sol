// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ICollateralEscrow} from "../../src/interfaces/ICollateralEscrow.sol";
import {Fill, HeldBond, Order, OrderState, Terms} from "../../src/types/Types.sol";
import {Encodings} from "../base/Encodings.sol";
import {GavelTest} from "../base/GavelTest.sol";
import {FeeOnTransferToken} from "../base/MockTokens.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

/// @title Orders without proof of payment: home sale, late proof, and what becomes of the bond.
/// @notice One order: 5,002 dollars of debt, 2.75 ether seized, asked 2.6; a bond of 500 dollars.
contract ExpiryTest is GavelTest {
    uint256 internal constant DEBT = 5002e6;
    uint256 internal constant FLOOR = 3501.4e6;
    uint256 internal constant BOUNTY = 25e6; // half a percent of 5,000 dollars
    uint256 internal constant BOND = 500e6;
    uint256 internal constant HOLD = 7 days;

    bytes32 internal id;
    Order internal order;
    address internal buyer = makeAddr("buyer");
    address internal receiver = makeAddr("receiver");
    uint256 internal expiredAt;

    function setUp() public override {
        super.setUp();
        Order memory opened;
        (id, opened) = _openOne(home, pay, "one", 2.6 ether);
        order = opened;
        home.dollar.mint(buyer, 100_000e6);
        vm.prank(buyer);
        home.dollar.approve(address(home.collateral), type(uint256).max);
    }

    function _expire() internal {
        vm.warp(order.expiresAt + 1);
        vm.prank(stranger);
        home.collateral.expire(order);
        expiredAt = block.timestamp;
    }

    function _buy() internal returns (uint256 lot, uint256 price) {
        vm.prank(buyer);
        return home.collateral.buy(order, 0, type(uint256).max, receiver);
    }

    function _facts(uint64 filledAt) internal view returns (Fill memory) {
        return Fill(order, alice.account, order.payout, order.ask, filledAt);
    }

    function _handle(Fill memory facts) internal {
        vm.prank(address(home.mailbox));
        home.collateral.handle(PAY_DOMAIN, _word(address(pay.repayment)), Encodings.reportBody(_one(facts), address(0)));
    }

    function _locked() internal view returns (uint256) {
        return home.bonds.lockedOf(alice.account, address(home.dollar));
    }

    function _expectState(OrderState state) internal view {
        assertEq(uint8(_stateOf(home, id)), uint8(state));
    }

    function _nothingHeld() internal view returns (bytes memory) {
        return abi.encodeWithSelector(ICollateralEscrow.NothingHeld.selector, id);
    }

    // ---- expire ----

    function test_Expire_OpensTheLot() public {
        vm.warp(order.expiresAt + 1);
        uint64 restUntil = uint64(block.timestamp + 1200 + 1 days);
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.Expired(id, order.positionKey, DEBT, FLOOR, restUntil);
        home.collateral.expire(order);
        _expectState(OrderState.Expired);
        assertEq(home.vault.receivables(), 0);
        assertEq(home.vault.lots(), DEBT);
        assertEq(home.vault.lotMarks(), FLOOR);
        assertEq(_locked(), BOND, "it ends nothing");
        assertEq(_seizedOf(home, id), 2.75 ether);
    }

    function test_Expire_NotYet() public {
        vm.warp(order.expiresAt);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.NotExpiredYet.selector, order.expiresAt));
        home.collateral.expire(order);
    }

    function test_Expire_Once() public {
        _expire();
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.NotOpen.selector, id, OrderState.Expired));
        home.collateral.expire(order);
    }

    function test_Expire_UnknownOrBent() public {
        vm.warp(order.expiresAt + 1);
        Order memory bent = order;
        bent.expiresAt = 1;
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.NotOpen.selector, Encodings.id(bent), OrderState.None));
        home.collateral.expire(bent);
    }

    function test_Expire_Settled() public {
        _handle(_facts(order.openBy));
        vm.warp(order.expiresAt + 1);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.NotOpen.selector, id, OrderState.Settled));
        home.collateral.expire(order);
    }

    function test_Expire_WhilePaused() public {
        home.registry.pause(MARKET);
        _expire();
        _buy();
        _expectState(OrderState.Sold);
    }

    function test_ExpiredHasNoVerdictYet() public {
        _expire();
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.NoVerdict.selector, id, OrderState.Expired));
        home.collateral.sendVerdicts(PAY_DOMAIN, address(pay.repayment), _one(id));
    }

    // ---- the offer ----

    function _expectOffer(uint256 since, uint256 lot, uint256 price) internal {
        vm.warp(expiredAt + since);
        (uint256 gotLot, uint256 gotPrice) = home.collateral.offer(order);
        assertEq(gotLot, lot, "lot");
        assertEq(gotPrice, price, "price");
    }

    function test_Offer_LotRisesThenPriceFallsThenRestsThenHalves() public {
        _expire();
        _expectOffer(0, 2.475 ether, DEBT);
        _expectOffer(300, 2.6125 ether, DEBT);
        _expectOffer(600, 2.75 ether, DEBT);
        _expectOffer(900, 2.75 ether, 4251.7e6);
        _expectOffer(1200, 2.75 ether, FLOOR);
        _expectOffer(1200 + 1 days, 2.75 ether, FLOOR);
        _expectOffer(1200 + 2 days, 2.75 ether, FLOOR / 2);
        _expectOffer(1200 + 3 days, 2.75 ether, FLOOR / 4);
    }

    function test_Offer_OnlyWhenExpired() public {
        bytes memory notOnSale = abi.encodeWithSelector(ICollateralEscrow.NotOnSale.selector, id, OrderState.Open);
        vm.expectRevert(notOnSale);
        home.collateral.offer(order);
        vm.expectRevert(notOnSale);
        home.collateral.buy(order, 0, type(uint256).max, receiver);
        _expire();
        _buy();
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.NotOnSale.selector, id, OrderState.Sold));
        home.collateral.buy(order, 0, type(uint256).max, receiver);
    }

    function test_Offer_UnderTheRulesItWasOpenedUnder() public {
        Terms memory rules = _terms(home);
        rules.floorBps = 1;
        rules.minLotBps = 1;
        rules.auctionLength = 1;
        rules.borrowerBps = 0;
        home.registry.setTerms(MARKET, rules);
        _expire();
        _expectOffer(0, 2.475 ether, DEBT);
        _buy();
        assertEq(_creditOf(home, protocolTreasury), 0.055 ether);
    }

    // ---- buy ----

    function test_Buy_PartOfTheLotForTheFullDebt_TheRestIsSurplus() public {
        _expire();
        vm.warp(expiredAt + 300);
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.Sold(id, order.positionKey, buyer, receiver, 2.6125 ether, DEBT, 0.1375 ether);
        (uint256 lot, uint256 price) = _buy();
        assertEq(lot, 2.6125 ether);
        assertEq(price, DEBT);
        _expectState(OrderState.Sold);
        assertEq(home.ether_.balanceOf(receiver), 2.6125 ether);
        assertEq(home.dollar.balanceOf(buyer), 100_000e6 - DEBT);
        assertEq(home.vault.idle(), 1_000_000e6, "the vault is whole");
        assertEq(home.vault.lots(), 0);
        assertEq(home.collateral.surplusOf(order.positionKey, address(home.ether_)), 0.11 ether);
        assertEq(_creditOf(home, protocolTreasury), 0.0275 ether);
        assertEq(_locked(), BOND, "held for a proof of payment in time");
        HeldBond memory held = home.collateral.heldBonds(id);
        assertEq(held.bountyTo, receiver);
        assertEq(held.readyAt, block.timestamp + HOLD);
        assertEq(held.amount, BOND);
        assertEq(held.shortfall, 0);
    }

    function test_Buy_BelowTheDebt() public {
        _expire();
        vm.warp(expiredAt + 1200);
        (uint256 lot, uint256 price) = _buy();
        assertEq(lot, 2.75 ether);
        assertEq(price, FLOOR);
        assertEq(home.collateral.surplusOf(order.positionKey, address(home.ether_)), 0);
        assertEq(home.collateral.heldBonds(id).shortfall, DEBT - FLOOR);
        assertEq(home.ether_.balanceOf(address(home.collateral)), 0);
    }

    function test_Buy_ForNothingInTheEnd() public {
        _expire();
        vm.warp(expiredAt + 1200 + 130 days);
        (uint256 lot, uint256 price) = _buy();
        assertEq(lot, 2.75 ether);
        assertEq(price, 0);
        assertEq(home.collateral.heldBonds(id).shortfall, DEBT);
    }

    function test_Buy_Limits() public {
        _expire();
        vm.startPrank(buyer);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.LotBelowLeast.selector, 2.475 ether, 2.475 ether + 1));
        home.collateral.buy(order, 2.475 ether + 1, DEBT, receiver);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.PriceAboveMost.selector, DEBT, DEBT - 1));
        home.collateral.buy(order, 2.475 ether, DEBT - 1, receiver);
        vm.expectRevert(ICollateralEscrow.ZeroAddress.selector);
        home.collateral.buy(order, 2.475 ether, DEBT, address(0));
        home.collateral.buy(order, 2.475 ether, DEBT, receiver);
    }

    function test_Buy_WithoutMoney() public {
        _expire();
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(home.collateral), 0, DEBT)
        );
        home.collateral.buy(order, 0, type(uint256).max, receiver);
        _expectState(OrderState.Expired);
    }

    function test_Buy_ATokenThatKeepsAPartIsRefused() public {
        _expire();
        vm.etch(address(home.dollar), address(new FeeOnTransferToken()).code);
        vm.prank(buyer);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.UnexpectedAmount.selector, DEBT - DEBT / 100, DEBT));
        home.collateral.buy(order, 0, type(uint256).max, receiver);
    }

    // ---- a proof comes late ----

    function test_LateProof_BeforeTheSale_SettlesAsIfNothingHadBeen() public {
        _expire();
        vm.warp(expiredAt + 1000);
        _handle(_facts(order.exclusiveUntil));
        _expectState(OrderState.Settled);
        assertEq(home.ether_.balanceOf(alice.payout), 2.6 ether);
        assertEq(_locked(), 0, "paid in time: the whole bond is free");
        assertEq(home.vault.lots(), 0);
        assertEq(home.vault.away(PAY_DOMAIN), DEBT + 2.5e6);
        assertEq(home.vault.openPrincipal(MARKET), 0);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.NotOnSale.selector, id, OrderState.Settled));
        home.collateral.offer(order);
        vm.expectRevert(_nothingHeld());
        home.collateral.forfeit(order);
    }

    function test_Attack_LateProofAfterTheSale() public {
        Fill memory facts = _fillByWinner(pay, order);
        _expire();
        _buy();
        bytes memory message = _report(pay, _one(facts));
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.BondFreed(id, alice.account, BOND);
        _deliver(message);
        _expectState(OrderState.Sold);
        assertEq(home.ether_.balanceOf(alice.payout), 0, "the lot is gone");
        assertEq(_locked(), 0, "no fault of the winner's");
        vm.expectRevert(_nothingHeld());
        home.collateral.forfeit(order);
        _answer(home, pay, id);
        uint256 before = pay.dollar.balanceOf(alice.account);
        pay.repayment.refund(facts);
        assertEq(pay.dollar.balanceOf(alice.account) - before, order.payAmount, "and it costs the payer nothing");
    }

    function test_LateProof_AfterTheSaleBelowTheDebt_TheVaultKnowsItsLoss() public {
        _expire();
        vm.warp(expiredAt + 1200);
        _buy();
        assertEq(home.vault.openClaims(), DEBT - FLOOR);
        _handle(_facts(order.exclusiveUntil));
        assertEq(home.vault.openClaims(), 0);
        assertEq(home.vault.recordedLosses(), DEBT - FLOOR);
        assertEq(home.bonds.freeOf(alice.account, address(home.dollar)), 50_000e6);
    }

    function test_LateProof_TwiceAfterTheSaleFreesOnce() public {
        _openOne(home, pay, "two", 2.6 ether);
        _expire();
        _buy();
        _handle(_facts(order.exclusiveUntil));
        _handle(_facts(order.exclusiveUntil));
        assertEq(_locked(), BOND, "the other order's");
    }

    function test_LateProof_OfALatePaymentFreesNothing() public {
        _expire();
        _buy();
        _handle(_facts(order.exclusiveUntil + 1));
        assertEq(_locked(), BOND);
        vm.warp(block.timestamp + HOLD);
        home.collateral.forfeit(order);
        assertEq(_locked(), 0);
        assertEq(home.bonds.balanceOf(alice.account, address(home.dollar)), 49_500e6);
    }

    function test_LateProof_AfterTheForfeitChangesNothing() public {
        _expire();
        _buy();
        vm.warp(block.timestamp + HOLD);
        home.collateral.forfeit(order);
        vm.recordLogs();
        _handle(_facts(order.exclusiveUntil));
        assertEq(vm.getRecordedLogs().length, 0);
        assertEq(home.bonds.balanceOf(alice.account, address(home.dollar)), 49_500e6);
    }

    // ---- forfeits, in their order ----

    function test_Forfeit_NotBeforeSevenDays() public {
        _expire();
        _buy();
        uint64 readyAt = uint64(block.timestamp + HOLD);
        vm.warp(readyAt - 1);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.HeldUntil.selector, readyAt));
        home.collateral.forfeit(order);
        vm.warp(readyAt);
        home.collateral.forfeit(order);
        vm.expectRevert(_nothingHeld());
        home.collateral.forfeit(order);
    }

    function test_Forfeit_NothingHeldOfAnOpenOrder() public {
        vm.expectRevert(_nothingHeld());
        home.collateral.forfeit(order);
    }

    function test_Forfeit_NoShortfall_BountyThenReserve() public {
        _expire();
        _buy();
        vm.warp(block.timestamp + HOLD);
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.BondForfeited(id, alice.account, BOND, BOUNTY, receiver);
        (uint256 amount, uint256 bounty) = home.collateral.forfeit(order);
        assertEq(amount, BOND);
        assertEq(bounty, BOUNTY);
        assertEq(home.dollar.balanceOf(receiver), BOUNTY);
        assertEq(home.vault.reserve(), BOND - BOUNTY);
        assertEq(home.vault.totalAssets(), 1_000_000e6, "never the share price");
        assertEq(_locked(), 0);
        assertEq(home.bonds.balanceOf(alice.account, address(home.dollar)), 49_500e6);
        assertEq(home.dollar.balanceOf(address(home.collateral)), 0);
    }

    function test_Forfeit_ShortfallFirst_NoBounty() public {
        _expire();
        vm.warp(expiredAt + 1200);
        _buy();
        vm.warp(block.timestamp + HOLD);
        (, uint256 bounty) = home.collateral.forfeit(order);
        assertEq(bounty, 0);
        assertEq(home.dollar.balanceOf(receiver), 0);
        assertEq(home.vault.reserve(), 0);
        assertEq(home.vault.recordedLosses(), DEBT - FLOOR - BOND);
    }

    function test_Forfeit_ShortfallThenWhatIsLeftOfTheBounty() public {
        _expire();
        // 490 dollars short: the price falls by 1,500.6 in 600 seconds
        vm.warp(expiredAt + 600 + 196);
        (, uint256 price) = _buy();
        uint256 shortfall = DEBT - price;
        assertGt(shortfall, BOND - BOUNTY);
        assertLt(shortfall, BOND);
        vm.warp(block.timestamp + HOLD);
        (, uint256 bounty) = home.collateral.forfeit(order);
        assertEq(bounty, BOND - shortfall);
        assertEq(home.vault.reserve(), 0);
        assertEq(home.vault.recordedLosses(), 0);
        assertEq(home.vault.totalAssets(), 1_000_000e6);
    }

    function test_Attack_DefaultByBorrowerAsSolver_NoBountyForTheDefaulter() public {
        _expire();
        vm.prank(buyer);
        home.collateral.buy(order, 0, type(uint256).max, alice.payout);
        vm.warp(block.timestamp + HOLD);
        (, uint256 bounty) = home.collateral.forfeit(order);
        assertEq(bounty, 0);
        assertEq(home.vault.reserve(), BOND);
    }

    function test_Forfeit_NoBountyForTheDefaultersAccount() public {
        _expire();
        vm.prank(buyer);
        home.collateral.buy(order, 0, type(uint256).max, alice.account);
        vm.warp(block.timestamp + HOLD);
        (, uint256 bounty) = home.collateral.forfeit(order);
        assertEq(bounty, 0);
    }

    function test_Sold_IsRefused() public {
        _expire();
        _buy();
        bytes memory message = _verdicts(home, pay, _one(id));
        _deliver(message);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.NotOpen.selector, id, OrderState.Sold));
        home.collateral.expire(order);
    }

    /// An order may be bondless by its market's rules; the vault learns its loss at once then.
    function test_NoBond() public {
        Terms memory rules = _terms(home);
        rules.stressBps = 0;
        rules.lateBountyBps = 0;
        rules.maxAskBps = 0;
        home.registry.setTerms(MARKET, rules);
        (bytes32 bare, Order memory bondless) = _openOne(home, pay, "two", 2.6 ether);
        assertEq(bondless.bond, 0);
        vm.warp(bondless.expiresAt + 1);
        home.collateral.expire(bondless);
        vm.warp(block.timestamp + 1200);
        vm.prank(buyer);
        home.collateral.buy(bondless, 0, type(uint256).max, receiver);
        vm.warp(block.timestamp + HOLD);
        home.collateral.forfeit(bondless);
        assertEq(home.vault.recordedLosses(), DEBT - FLOOR);
        assertEq(home.collateral.heldBonds(bare).readyAt, 0);
    }

    /// Whenever it is bought: the split is exact, the vault gets the price, the accounts balance.
    function testFuzz_AnySale(uint40 wait, uint16 borrowerBps) public {
        wait = uint40(bound(wait, 0, 200 days));
        borrowerBps = uint16(bound(borrowerBps, 0, 10_000));
        Terms memory rules = _terms(home);
        rules.borrowerBps = borrowerBps;
        home.registry.setTerms(MARKET, rules);
        (, Order memory second) = _openOne(home, pay, "two", 2.6 ether);
        vm.warp(second.expiresAt + 1);
        home.collateral.expire(second);
        vm.warp(block.timestamp + wait);
        uint256 idle = home.vault.idle();
        vm.prank(buyer);
        (uint256 lot, uint256 price) = home.collateral.buy(second, 0, type(uint256).max, receiver);
        uint256 surplus = home.collateral.surplusOf(second.positionKey, address(home.ether_));
        assertEq(lot + surplus + _creditOf(home, protocolTreasury), 2.75 ether);
        assertEq(home.ether_.balanceOf(receiver), lot);
        assertEq(home.dollar.balanceOf(buyer), 100_000e6 - price);
        assertEq(home.vault.idle() - idle, price);
        vm.warp(block.timestamp + HOLD);
        (uint256 amount, uint256 bounty) = home.collateral.forfeit(second);
        assertEq(home.dollar.balanceOf(receiver), bounty);
        assertLe(bounty, BOUNTY);
        if (price + amount < DEBT) assertEq(home.vault.recordedLosses(), DEBT - price - amount);
        else assertEq(home.vault.reserve() + bounty + DEBT - price, amount);
    }
}
