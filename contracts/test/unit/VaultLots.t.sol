// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BackstopVault} from "../../src/BackstopVault.sol";
import {RouteReceiver} from "../../src/bridge/RouteReceiver.sol";
import {IBackstopVault} from "../../src/interfaces/IBackstopVault.sol";
import {VaultAccounts} from "../../src/vault/VaultAccounts.sol";
import {VaultTest} from "../base/VaultTest.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

contract VaultLotsTest is VaultTest {
    function _expectLot(bytes32 id, VaultAccounts.LotState state, uint256 principal) internal view {
        assertEq(uint8(vault.lotOf(id).state), uint8(state));
        assertEq(vault.lotOf(id).principal, principal);
    }

    // ---- expiry and marks ----

    function test_OpenLot_MovesPrincipalAndMovesNoDepositPrice() public {
        _front(500e6);
        uint256 before = _depositPrice();
        vm.expectEmit(address(vault));
        emit VaultAccounts.LotOpened(MARKET, "order", 500e6, 350e6, uint64(START + 1 days));
        _openLot("order", 500e6, 350e6);
        assertEq(vault.receivables(), 0);
        assertEq(vault.lots(), 500e6);
        assertEq(vault.openPrincipal(MARKET), 500e6, "still open");
        assertEq(vault.totalAssets(), 1000e6);
        assertEq(_depositPrice(), before);
        assertEq(vault.lotMarks(), 350e6);
        assertEq(vault.redemptionValue(vault.balanceOf(lender)), 850e6);
        _expectLot("order", VaultAccounts.LotState.OnSale, 500e6);
    }

    function test_OpenLot_OnceEver() public {
        _front(500e6);
        _openLot("order", 200e6, 100e6);
        _expectWrongState("order", VaultAccounts.LotState.OnSale);
        _openLot("order", 200e6, 100e6);
        _sellLot("order", 200e6);
        _expectWrongState("order", VaultAccounts.LotState.Claiming);
        _openLot("order", 200e6, 100e6);
        _forfeit("order", 0);
        _expectWrongState("order", VaultAccounts.LotState.Closed);
        _openLot("order", 200e6, 100e6);
    }

    function _expectWrongState(bytes32 id, VaultAccounts.LotState state) internal {
        vm.expectRevert(abi.encodeWithSelector(VaultAccounts.WrongLotState.selector, id, state));
    }

    function test_Mark_RestsThenHalvesDaily() public {
        _expired("order", 500e6, 400e6);
        vm.warp(START + 1 days);
        assertEq(vault.lotMarks(), 400e6);
        vm.warp(START + 1.5 days);
        assertEq(vault.lotMarks(), 300e6);
        vm.warp(START + 2 days);
        assertEq(vault.lotMarks(), 200e6);
        vm.warp(START + 4 days);
        assertEq(vault.lotMarks(), 50e6);
        vm.warp(START + 200 days);
        assertEq(vault.lotMarks(), 0);
    }

    function test_Mark_NeverAbovePrincipal() public {
        _expired("order", 500e6, 600e6);
        assertEq(vault.lotMarks(), 500e6);
    }

    function test_Marks_OfManyLotsStaySummedAsTheyGo() public {
        _expired("one", 100e6, 70e6);
        _expired("two", 200e6, 140e6);
        _expired("three", 300e6, 210e6);
        assertEq(vault.lotMarks(), 420e6);
        _sellLot("one", 100e6);
        assertEq(vault.lotMarks(), 350e6);
        _settleLot("three", 0);
        assertEq(vault.lotMarks(), 140e6);
        _expired("four", 100e6, 10e6);
        assertEq(vault.lotMarks(), 150e6);
        _sellLot("two", 200e6);
        _sellLot("four", 100e6);
        assertEq(vault.lotMarks(), 0);
        assertEq(vault.lots(), 0);
    }

    function test_Marks_BeyondTheListCountForNothingUntilAPlaceIsFree() public {
        uint256 most = vault.MAX_MARKED_LOTS();
        for (uint256 i = 1; i <= most; ++i) {
            _expired(bytes32(i), 10e6, 7e6);
        }
        _expired("further", 10e6, 7e6);
        assertEq(vault.lotMarks(), most * 7e6);
        vm.expectRevert(abi.encodeWithSelector(VaultAccounts.PlaceTaken.selector, bytes32("further")));
        vault.markLot("further");
        _sellLot(bytes32(uint256(1)), 10e6);
        vault.markLot("further");
        assertEq(vault.lotMarks(), most * 7e6);
        vm.expectRevert(abi.encodeWithSelector(VaultAccounts.PlaceTaken.selector, bytes32("further")));
        vault.markLot("further");
        _expired("one more", 10e6, 7e6);
        _settleLot("one more", 0);
        _expectWrongState("unknown", VaultAccounts.LotState.None);
        vault.markLot("unknown");
        uint256 gas = gasleft();
        vault.lotMarks();
        assertLt(gas - gasleft(), 400_000, "a full list stays affordable");
    }

    // ---- a late proof ----

    function test_SettleLot_TheProofCameBeforeTheSale() public {
        _expired("order", 500e6, 350e6);
        vm.expectEmit(address(vault));
        emit VaultAccounts.SettledFromAway(MARKET, PAY_DOMAIN, 500e6, 3e6);
        vm.expectEmit(address(vault));
        emit VaultAccounts.LotSettled(MARKET, "order");
        _settleLot("order", 3e6);
        assertEq(vault.lots(), 0);
        assertEq(vault.away(PAY_DOMAIN), 503e6);
        assertEq(vault.openPrincipal(MARKET), 0);
        assertEq(vault.totalAssets(), 1003e6);
        _expectWrongState("order", VaultAccounts.LotState.Closed);
        _settleLot("order", 3e6);
        _expectWrongState("order", VaultAccounts.LotState.Closed);
        vm.prank(address(escrow));
        vault.sellLot(MARKET, "order", 0);
    }

    // ---- sales, forfeits, losses ----

    function test_Sell_ForTheWholePrincipal() public {
        _expired("order", 500e6, 350e6);
        token.mint(address(vault), 500e6);
        vm.expectEmit(address(vault));
        emit VaultAccounts.LotSold(MARKET, "order", 500e6, 0, 0);
        assertEq(_soldLot("order", 500e6), 0);
        assertEq(vault.idle(), 1000e6);
        assertEq(vault.openPrincipal(MARKET), 0);
        _forfeit("order", 50e6);
        assertEq(vault.reserve(), 50e6);
        assertEq(vault.totalAssets(), 1000e6);
    }

    function test_Sell_ForMoreFillsTheReserve() public {
        _expired("order", 500e6, 350e6);
        assertEq(_sellLot("order", 507e6), 0);
        assertEq(vault.idle(), 1000e6);
        assertEq(vault.reserve(), 7e6);
    }

    function test_Sell_TheReserveAdvances_TheForfeitReturnsIt() public {
        vault.fundReserve(200e6);
        _expired("order", 500e6, 350e6);
        token.mint(address(vault), 380e6);
        vm.expectEmit(address(vault));
        emit VaultAccounts.LotSold(MARKET, "order", 380e6, 120e6, 0);
        assertEq(_soldLot("order", 380e6), 120e6, "told before the reserve: the forfeit is to cover it");
        assertEq(vault.idle(), 1000e6);
        assertEq(vault.reserve(), 80e6);
        assertEq(vault.redemptionValue(vault.balanceOf(lender)), 1000e6);
        _forfeit("order", 120e6);
        assertEq(vault.reserve(), 200e6);
        assertEq(vault.recordedLosses(), 0);
    }

    function test_Sell_BeyondTheReserveIsAnOpenClaim() public {
        vault.fundReserve(50e6);
        _expired("order", 500e6, 350e6);
        uint256 before = _depositPrice();
        assertEq(_sellLot("order", 380e6), 120e6);
        assertEq(vault.reserve(), 0);
        assertEq(vault.openClaims(), 70e6);
        assertEq(vault.idle(), 930e6);
        assertEq(vault.openPrincipal(MARKET), 70e6, "consumes the cap");
        assertEq(_depositPrice(), before);
        assertEq(vault.redemptionValue(vault.balanceOf(lender)), 930e6, "and counts for nothing to those who leave");
        _expectLot("order", VaultAccounts.LotState.Claiming, 70e6);

        token.mint(address(vault), 120e6);
        vm.expectEmit(address(vault));
        emit VaultAccounts.ForfeitAbsorbed(MARKET, "order", 120e6, 70e6);
        _forfeited("order", 120e6);
        assertEq(vault.idle(), 1000e6);
        assertEq(vault.reserve(), 50e6, "what the sale drew");
        assertEq(vault.openClaims(), 0);
        assertEq(vault.openPrincipal(MARKET), 0);
        assertEq(_depositPrice(), before);
    }

    function test_Forfeit_TooSmall_TheRestIsALossThatConsumesTheCap() public {
        _expired("order", 500e6, 350e6);
        _sellLot("order", 380e6);
        token.mint(address(vault), 50e6);
        vm.expectEmit(address(vault));
        emit VaultAccounts.LossRecorded(MARKET, "order", 70e6, 0);
        _forfeited("order", 50e6);
        assertEq(vault.recordedLosses(), 70e6);
        assertEq(vault.lossesOf(MARKET), 70e6);
        assertEq(vault.totalAssets(), 930e6);
        assertEq(vault.openPrincipal(MARKET), 0);
        _expectLot("order", VaultAccounts.LotState.Closed, 0);

        vm.startPrank(address(escrow));
        vm.expectRevert(abi.encodeWithSelector(BackstopVault.PrincipalCapExceeded.selector, 500e6, 500e6 + 1));
        vault.front(MARKET, 500e6, adapter, 430e6 + 1, keeper, 0);
        vault.front(MARKET, 500e6, adapter, 430e6, keeper, 0);
        vm.stopPrank();
    }

    function test_Forfeit_TheReserveComesAfterIt() public {
        _expired("order", 500e6, 350e6);
        _sellLot("order", 380e6);
        vault.fundReserve(30e6); // came in between
        token.mint(address(vault), 50e6);
        vm.expectEmit(address(vault));
        emit VaultAccounts.LossRecorded(MARKET, "order", 40e6, 30e6);
        _forfeited("order", 50e6);
        assertEq(vault.reserve(), 0);
        assertEq(vault.idle(), 960e6);
        assertEq(vault.recordedLosses(), 40e6);
    }

    function test_Forfeit_ASecondOneGoesToTheReserve() public {
        _expired("order", 500e6, 350e6);
        _sellLot("order", 380e6);
        _forfeit("order", 0);
        assertEq(vault.recordedLosses(), 120e6);
        _forfeit("order", 60e6);
        assertEq(vault.reserve(), 60e6, "never the share price");
        assertEq(vault.totalAssets(), 880e6);
    }

    function test_Forfeit_OfNoLot() public {
        _forfeit(0, 10e6);
        _expired("order", 500e6, 350e6);
        _forfeit("order", 5e6);
        assertEq(vault.reserve(), 15e6);
        _expectLot("order", VaultAccounts.LotState.OnSale, 500e6);
    }

    function test_RestoreCap_RestrictedAndOnlyTheCap() public {
        _expired("order", 500e6, 350e6);
        _sellLot("order", 400e6);
        _forfeit("order", 0);
        vm.prank(thief);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, thief));
        vault.restoreCap(MARKET, 1);
        vm.expectEmit(address(vault));
        emit VaultAccounts.CapRestored(MARKET, 60e6);
        vault.restoreCap(MARKET, 60e6);
        assertEq(vault.lossesOf(MARKET), 40e6);
        assertEq(vault.recordedLosses(), 100e6);
        assertEq(vault.totalAssets(), 900e6);
        vm.expectRevert();
        vault.restoreCap(MARKET, 40e6 + 1);
    }

    function test_Reserve_AnyoneFundsIt_AndItIsNoAsset() public {
        uint256 before = _depositPrice();
        vm.expectEmit(address(vault));
        emit BackstopVault.ReserveFunded(thief, 100e6);
        vm.prank(thief);
        vault.fundReserve(100e6);
        assertEq(vault.reserve(), 100e6);
        assertEq(_depositPrice(), before);
        vm.expectRevert(BackstopVault.ZeroAmount.selector);
        vault.fundReserve(0);
        vm.expectRevert(abi.encodeWithSelector(BackstopVault.InsufficientIdle.selector, 1000e6, 1001e6));
        _front(1001e6); // the reserve is not lent
    }

    function test_OnlyTheEscrow() public {
        bytes[4] memory calls = [
            abi.encodeCall(vault.openLot, (MARKET, "order", 1, 1, 1)),
            abi.encodeCall(vault.settleLot, (MARKET, "order", 1, PAY_DOMAIN, IBackstopVault.Reward(thief, 1))),
            abi.encodeCall(vault.sellLot, (MARKET, "order", 1)),
            abi.encodeCall(vault.absorbForfeit, (MARKET, "order", 1))
        ];
        for (uint256 i; i < calls.length; ++i) {
            (bool ok, bytes memory reason) = address(vault).call(calls[i]);
            assertFalse(ok);
            assertEq(bytes4(reason), BackstopVault.OnlyEscrow.selector);
        }
    }

    // ---- money away ----

    function test_WriteOff_ReserveFirstThenALoss() public {
        vault.fundReserve(20e6);
        _front(500e6);
        _settle(500e6, 3e6);
        vm.prank(thief);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, thief));
        vault.writeOff(MARKET, PAY_DOMAIN, 1);
        vm.expectRevert(abi.encodeWithSelector(VaultAccounts.NotAway.selector, 0, 1));
        vault.writeOff(MARKET, PAY_DOMAIN + 1, 1);

        vm.expectEmit(address(vault));
        emit VaultAccounts.WrittenOff(MARKET, PAY_DOMAIN, 100e6);
        vm.expectEmit(address(vault));
        emit VaultAccounts.LossRecorded(MARKET, 0, 80e6, 20e6);
        vault.writeOff(MARKET, PAY_DOMAIN, 100e6);
        assertEq(vault.away(PAY_DOMAIN), 403e6);
        assertEq(vault.awaited(PAY_DOMAIN), 503e6);
        assertEq(vault.totalAssets(), 1003e6 - 80e6);
        assertEq(vault.lossesOf(MARKET), 80e6);

        vault.bringHome(PAY_DOMAIN, 503e6); // it came after all
        assertEq(vault.away(PAY_DOMAIN), 0);
        assertEq(vault.idle(), 500e6 + 20e6 + 403e6);
        assertEq(vault.reserve(), 100e6, "never the share price");
        vm.expectRevert(abi.encodeWithSelector(VaultAccounts.NotAway.selector, 0, 1));
        vault.bringHome(PAY_DOMAIN, 1);
    }

    function test_Impair_CountsForDepositsAndNotForRedemptions() public {
        _front(500e6);
        _settle(500e6, 3e6);
        vm.prank(thief);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, thief));
        vault.impair(PAY_DOMAIN, 1);
        uint256 shares = vault.balanceOf(lender);
        vm.expectEmit(address(vault));
        emit VaultAccounts.Impaired(PAY_DOMAIN, 300e6);
        vault.impair(PAY_DOMAIN, 300e6);
        assertEq(vault.impaired(PAY_DOMAIN), 300e6);
        assertEq(vault.totalAssets(), 1003e6);
        assertApproxEqAbs(vault.redemptionValue(shares), 703e6, 1);
        vault.impair(PAY_DOMAIN, 100e6); // in the place of the former
        assertApproxEqAbs(vault.redemptionValue(shares), 903e6, 1);
        vault.impair(PAY_DOMAIN, type(uint256).max);
        assertEq(vault.impaired(PAY_DOMAIN), 503e6, "no more than is away");
        vault.impair(PAY_DOMAIN + 1, 1);
        assertEq(vault.impaired(PAY_DOMAIN + 1), 0);
        vault.writeOff(MARKET, PAY_DOMAIN, 200e6);
        assertEq(vault.impaired(PAY_DOMAIN), 303e6, "what is written off is impaired no more");
        assertApproxEqAbs(vault.redemptionValue(shares), 500e6, 1);
        vault.bringHome(PAY_DOMAIN, 103e6);
        assertEq(vault.impaired(PAY_DOMAIN), 200e6, "nor what has come");
        assertApproxEqAbs(vault.redemptionValue(shares), 603e6, 1);
        vault.impair(PAY_DOMAIN, 0);
        assertApproxEqAbs(vault.redemptionValue(shares), 803e6, 1);
    }

    /// A bridge has lost what it carried, and all lenders know; the write-off has to wait longer than a redemption.
    function test_Attack_RedeemAheadOfAWriteOff() public {
        _deposit(other, 1000e6);
        _front(900e6);
        _settle(900e6, 0);
        vault.impair(PAY_DOMAIN, 900e6);
        uint256 got = _requestAndClaimAll(other);
        assertApproxEqAbs(got, 550e6, 1, "half of what is left");
        vault.writeOff(MARKET, PAY_DOMAIN, 900e6);
        assertApproxEqAbs(vault.redemptionValue(vault.balanceOf(lender)), got, 1, "as much as for who stays");
    }

    /// A write-off is decided long before it is due: what arrives meanwhile, a single unit or much, is not given up,
    /// and the rest is all the same.
    function test_Attack_OneUnitBroughtHomeStopsNoWriteOff() public {
        _front(500e6);
        _settle(500e6, 3e6);
        vault.bringHome(PAY_DOMAIN, 1);
        vault.writeOff(MARKET, PAY_DOMAIN, 503e6);
        assertEq(vault.away(PAY_DOMAIN), 0);
        assertEq(vault.recordedLosses(), 503e6 - 1);
        assertEq(vault.awaited(PAY_DOMAIN), 503e6 - 1);
    }

    /// Reimbursements can be owed out of assets that are lost later: prices stop at nothing, and do not break.
    function test_AWriteOffBelowWhatIsOwedBreaksNoPrice() public {
        vault.setReimbursement(PAY_DOMAIN, 2e6);
        _front(1000e6);
        _settleWith(1000e6, 2e6, 2e6);
        vault.writeOff(MARKET, PAY_DOMAIN, 1002e6);
        assertEq(vault.totalAssets(), 0);
        assertEq(vault.redemptionValue(vault.balanceOf(lender)), 0);
        vault.bringHome(PAY_DOMAIN, 1002e6); // it came after all
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(BackstopVault.InsufficientIdle.selector, 0, 2e6));
        vault.claimReimbursement(keeper);
        _deposit(other, 10e6);
        vm.prank(keeper);
        vault.claimReimbursement(keeper);
        assertEq(vault.totalAssets(), 8e6);
    }

    function test_RedemptionsGoOnWhileMarksAreBelowWhatIsOwed() public {
        vault.setReimbursement(PAY_DOMAIN, 1e6);
        _front(500e6);
        _settleWith(500e6, 1e6, 1e6);
        vault.bringHome(PAY_DOMAIN, 501e6);
        _expired("lot", vault.lendable(), 700e6);
        vm.warp(block.timestamp + 1 days + 11 days);
        assertLt(vault.lotMarks(), vault.reimbursementsOwed());
        assertLe(vault.redemptionValue(vault.balanceOf(lender)), 1, "nothing but virtual shares' part");
        _request(lender, vault.balanceOf(lender));
    }

    function test_Receiver_ForwardsWhatIsAwaitedAndTellsRoutesApart() public {
        RouteReceiver one = new RouteReceiver(vault, PAY_DOMAIN);
        RouteReceiver two = new RouteReceiver(vault, PAY_DOMAIN + 1);
        _front(500e6);
        _settle(500e6, 3e6);
        vm.expectRevert(abi.encodeWithSelector(RouteReceiver.NothingToForward.selector, 0, 503e6));
        one.forward();
        token.mint(address(one), 500e6);
        token.mint(address(two), 500e6);
        vm.expectRevert(abi.encodeWithSelector(RouteReceiver.NothingToForward.selector, 500e6, 0));
        two.forward();
        vm.expectEmit(address(vault));
        emit BackstopVault.BroughtHome(PAY_DOMAIN, address(one), 500e6);
        vm.prank(thief);
        assertEq(one.forward(), 500e6);
        assertEq(vault.away(PAY_DOMAIN), 3e6);
        assertEq(token.allowance(address(one), address(vault)), 0);
    }

    function test_Receiver_ADonationCountsForNothing() public {
        RouteReceiver receiver = new RouteReceiver(vault, PAY_DOMAIN);
        _front(500e6);
        _settle(500e6, 0);
        uint256 before = _depositPrice();
        token.mint(address(receiver), 900e6);
        assertEq(receiver.forward(), 500e6, "in place of the bridge's money");
        assertEq(_depositPrice(), before);
        token.mint(address(receiver), 500e6); // the bridge's
        vm.expectRevert(abi.encodeWithSelector(RouteReceiver.NothingToForward.selector, 900e6, 0));
        receiver.forward();
        assertEq(_depositPrice(), before);
    }

    // ---- reimbursements ----

    function test_Reimburse_OutOfTheFees() public {
        vm.prank(thief);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, thief));
        vault.setReimbursement(PAY_DOMAIN, 1);
        vm.expectEmit(address(vault));
        emit VaultAccounts.ReimbursementSet(PAY_DOMAIN, 2e6);
        vault.setReimbursement(PAY_DOMAIN, 2e6);
        assertEq(vault.reimbursementOf(PAY_DOMAIN), 2e6);
        assertEq(vault.reimbursementOf(PAY_DOMAIN + 1), 0);
        _front(500e6);
        vm.expectEmit(address(vault));
        emit VaultAccounts.Reimbursed(PAY_DOMAIN, keeper, 2e6);
        _settleWith(200e6, 5e6, 2e6);
        _settleWith(100e6, 1e6, 1e6);
        assertEq(vault.reimbursementsOwed(), 3e6);
        assertEq(vault.reimbursements(keeper), 3e6);
        assertEq(vault.totalAssets(), 1003e6, "depositors get the rest of the fees");

        vm.startPrank(keeper);
        vm.expectRevert(BackstopVault.ZeroAddress.selector);
        vault.claimReimbursement(address(0));
        vm.expectEmit(address(vault));
        emit BackstopVault.ReimbursementClaimed(keeper, other, 3e6);
        assertEq(vault.claimReimbursement(other), 3e6);
        vm.expectRevert(BackstopVault.ZeroAmount.selector);
        vault.claimReimbursement(other);
        vm.stopPrank();
        assertEq(vault.totalAssets(), 1003e6);
        assertEq(vault.reimbursementsOwed(), 0);
    }

    function test_Reimburse_WaitsForMoneyAtHome() public {
        vault.setReimbursement(PAY_DOMAIN, 2e6);
        _front(1000e6);
        _settleWith(1000e6, 5e6, 2e6);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(BackstopVault.InsufficientIdle.selector, 0, 2e6));
        vault.claimReimbursement(keeper);
        vault.bringHome(PAY_DOMAIN, 1005e6);
        vm.prank(keeper);
        vault.claimReimbursement(keeper);
    }

    // ---- the vault's accounts, against ghost accounts ----

    struct Ghost {
        uint256 deposits;
        uint256 redemptions;
        uint256 fees;
        uint256 reserveIn;
        uint256 draws;
        uint256 reserved;
        uint256 transferredIn;
        uint256 transferredOut;
    }

    Ghost internal ghost;
    bytes32[] internal ids;

    /// idle + receivables + away + lots + claims + losses = deposits − redemptions + fees, and the reserve moves by
    /// what it is given and what it covers alone.
    function testFuzz_Accounts(uint256 seed) public {
        vault.setReimbursement(PAY_DOMAIN, 1e5);
        ghost.deposits = ghost.transferredIn = 1000e6;
        for (uint256 i; i < 32; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            _step(draw % 9, (draw >> 8) % 200e6 + 1, bytes32(i + 1), draw >> 128);
            assertEq(
                vault.idle() + vault.receivables() + vault.totalAway() + vault.lots() + vault.openClaims()
                    + vault.recordedLosses(),
                ghost.deposits + ghost.fees - ghost.redemptions
            );
            assertEq(
                vault.totalAssets(),
                vault.idle() + vault.receivables() + vault.totalAway() + vault.lots() + vault.openClaims()
                    - ghost.reserved
            );
            assertEq(token.balanceOf(address(vault)), ghost.transferredIn - ghost.transferredOut);
            assertEq(token.balanceOf(address(vault)), vault.idle() + vault.reserve());
            assertEq(vault.openPrincipal(MARKET), vault.receivables() + vault.lots() + vault.openClaims());
            assertEq(vault.lossesOf(MARKET), vault.recordedLosses());
            assertLe(vault.lotMarks(), vault.lots());
            assertEq(vault.reserve(), ghost.reserveIn - ghost.draws);
        }
    }

    function _step(uint256 kind, uint256 amount, bytes32 id, uint256 draw) private {
        if (kind == 0) {
            _deposit(lender, amount);
            ghost.deposits += amount;
            ghost.transferredIn += amount;
        } else if (kind == 1 && amount <= vault.lendable()) {
            _front(amount);
            ghost.transferredOut += amount;
        } else if (kind == 2 && vault.receivables() != 0) {
            amount = amount % vault.receivables() + 1;
            uint256 reserved = _lesser(amount / 500, 1e5);
            _settleWith(amount, amount / 500, reserved);
            ghost.fees += amount / 500;
            ghost.reserved += reserved;
        } else if (kind == 3 && vault.receivables() != 0) {
            amount = amount % vault.receivables() + 1;
            _openLot(id, amount, amount * 7 / 10);
            ids.push(id);
        } else if (kind == 4 && ids.length != 0) {
            _resolve(ids[draw % ids.length], amount);
        } else if (kind == 5 && vault.totalAway() != 0) {
            amount = amount % vault.totalAway() + 1;
            vault.bringHome(PAY_DOMAIN, amount);
            ghost.transferredIn += amount;
        } else if (kind == 6) {
            vault.fundReserve(amount / 4 + 1);
            ghost.transferredIn += amount / 4 + 1;
            ghost.reserveIn += amount / 4 + 1;
        } else if (kind == 7 && vault.totalAway() != 0) {
            amount = vault.totalAway() / 2;
            ghost.draws += _lesser(vault.reserve(), amount);
            vault.writeOff(MARKET, PAY_DOMAIN, amount);
        } else if (kind == 8 && vault.balanceOf(lender) != 0 && vault.claimableRedeemRequest(0, lender) == 0) {
            _request(lender, draw % vault.balanceOf(lender) + 1);
            vm.warp(block.timestamp + DELAY);
            if (vault.maxRedeem(lender) == 0) return;
            uint256 got = _claimAll(lender);
            ghost.redemptions += got;
            ghost.transferredOut += got;
        }
    }

    function _resolve(bytes32 id, uint256 amount) private {
        VaultAccounts.LotState state = vault.lotOf(id).state;
        uint256 due = vault.lotOf(id).principal;
        if (state == VaultAccounts.LotState.OnSale && amount % 4 == 0) {
            _settleLot(id, 0);
            return;
        }
        if (state != VaultAccounts.LotState.OnSale) amount /= 8;
        uint256 lack = due - _lesser(due, amount);
        uint256 before = vault.reserve();
        ghost.draws += _lesser(before, lack);
        ghost.reserveIn += amount + lack - due;
        ghost.transferredIn += amount;
        if (state == VaultAccounts.LotState.OnSale) assertEq(_sellLot(id, amount), lack);
        else _forfeit(id, amount);
    }

    function _lesser(uint256 one, uint256 other_) private pure returns (uint256) {
        return one < other_ ? one : other_;
    }
}
